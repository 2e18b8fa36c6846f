import { randomBytes } from 'node:crypto';
import { PeerageError } from '@peerage/contract';
import type { Entity, Hlc } from '../domain/entities.ts';
import { withIndexRows } from '../domain/indexes.ts';
import type { Decision, Put, Row, Rule } from '../domain/rule.ts';
import type { Op, Vector } from '../replication/op.ts';
import { HybridClock } from './clock.ts';
import { collectRows } from './collect-rows.ts';
import { commitRows } from './commit-rows.ts';
import type { CommitOutcome, DurableStore, Expectation } from './durable-store.ts';
import { type Changes, type IsOwnCreation, mergeOps } from './merge-ops.ts';
import { mergeSnapshot } from './merge-snapshot.ts';
import { readNow } from './read-now.ts';
import type { KnownNode, Merged, ReplicatedStore, RowPlace, SnapshotPage } from './replicated-store.ts';
import { decidedAlready } from './runner.ts';
import { type KeptRow, type LoggedOp, type Tables, textOf } from './tables.ts';

/** What a log store is told from outside. */
export interface StoreSettings {
  readonly wallMs: () => number;
  readonly isOwnCreation: IsOwnCreation;
  /** Lets what waits be written soon, together. */
  readonly soon: (write: () => void) => void;
}

interface Job {
  /** Runs within a transaction; what it changed. */
  readonly work: () => Changes;
  readonly done: (changes: Changes) => void;
  readonly failed: (error: unknown) => void;
}

/** What waits beyond that is for the next transaction: while one is brought to disk and told, the next is worked out, and the thread that asks is not idle in between. */
const MOST_AT_ONCE = 32;

/**
 * Rows and op log over synchronous tables. Always true: the held number of `origin` is its last op that is committed; what waits at one moment shares one transaction, up to a
 * number, and is answered after it: on disk then, or before anybody is told (docs/decisions/0053); an origin is used by one run only, and no more after a failed
 * transaction, so a sequence number never stands for two ops, whatever a restored backup or a broken disk brings back.
 */
export class LogStore implements DurableStore, ReplicatedStore {
  readonly #tables: Tables;
  readonly #settings: StoreSettings;
  readonly #clock: HybridClock;
  readonly #listeners = new Set<(puts: readonly Put[]) => void>();
  #origin = newOrigin();
  #waiting: Job[] = [];
  #lastWriteFailed = false;
  #closed = false;

  constructor(tables: Tables, settings: StoreSettings) {
    this.#tables = tables;
    this.#settings = settings;
    this.#clock = new HybridClock(settings.wallMs, tables.latestHlc());
  }

  get node(): string {
    return this.#tables.node;
  }

  get origin(): string {
    return this.#origin;
  }

  commit(puts: readonly Put[], expect: readonly Expectation[]): Promise<CommitOutcome> {
    let outcome: CommitOutcome = 'ok';
    return this.#write(() => {
      const committed = commitRows(this.#tables, { puts, expect, hlc: this.#clock.now(), origin: this.#origin });
      outcome = committed.outcome;
      return committed.changed;
    }).then(() => outcome);
  }

  async decide<R>(rule: (now: Hlc) => Rule<R>): Promise<R> {
    let decision: Decision<R> | undefined;
    let thrown: unknown;
    await this.#write(() => {
      try {
        decision = readNow(this.#tables, rule(this.#clock.now()));
      } catch (error) {
        thrown = error; // nothing was written: whatever it is, it is this command's alone
        return [];
      }
      if (decision.puts.length === 0) return [];
      const commit = { puts: withIndexRows(decision.puts), expect: [], hlc: this.#clock.now(), origin: this.#origin };
      const { outcome, changed } = commitRows(this.#tables, commit);
      if (outcome === 'refused') throw decidedAlready();
      return changed;
    });
    if (!decision) throw thrown;
    return decision.result;
  }

  get<E extends Entity>(entity: E, key: string): Row<E> | undefined {
    const held = this.#tables.held(entity, key);
    return held === undefined || held.value === null ? undefined : (held as Row<E>);
  }

  scan<E extends Entity>(entity: E, prefix: string): readonly Row<E>[] {
    return this.#tables.scan(entity, prefix);
  }

  count(entity: Entity, prefix: string): number {
    return this.#tables.count(entity, prefix);
  }

  watch(listener: (puts: readonly Put[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  now(): Hlc {
    return this.#clock.now();
  }

  async health(): Promise<boolean> {
    if (!this.#lastWriteFailed) return true;
    try {
      this.#tables.probe();
      this.#lastWriteFailed = false;
    } catch {
      return false; // still broken: that is the answer
    }
    return true;
  }

  async close(): Promise<void> {
    while (this.#waiting.length > 0) this.#writeWaiting();
    this.#closed = true;
    this.#listeners.clear();
    this.#tables.close();
  }

  vector(): Vector {
    const vector: Record<string, number> = {};
    for (const [origin, { held }] of this.#tables.origins()) vector[origin] = held;
    return vector;
  }

  get writtenSeq(): number {
    return this.#tables.origins().get(this.#origin)?.held ?? 0;
  }

  ownOpsAfter(seq: number): Iterable<LoggedOp> {
    return this.#tables.opsAfter(this.#origin, seq);
  }

  opsAfter(vector: Vector, mostBytes: number): { ops: LoggedOp[]; more: boolean } | undefined {
    const lacking = [...this.#tables.origins()].filter(([origin, { held }]) => held > (vector[origin] ?? 0));
    if (lacking.some(([origin, { floor }]) => floor > (vector[origin] ?? 0))) return undefined;
    const ops: LoggedOp[] = [];
    let bytes = 0;
    for (const [origin] of lacking) {
      for (const op of this.#tables.opsAfter(origin, vector[origin] ?? 0)) {
        ops.push(op);
        bytes += sizeOf(op);
        if (bytes >= mostBytes && op.seq === op.last) return { ops, more: true };
      }
    }
    return { ops, more: false };
  }

  rowsAfter(after: RowPlace | null, mostBytes: number): { rows: KeptRow[]; more: boolean } {
    const rows: KeptRow[] = [];
    let bytes = 0;
    for (const row of this.#tables.heldAfter(after)) {
      if (bytes >= mostBytes) return { rows, more: true };
      rows.push(row);
      bytes += sizeOf(row);
    }
    return { rows, more: false };
  }

  merge(ops: readonly Op[]): Promise<Merged> {
    let merged = { foreign: 0, ahead: 0 };
    return this.#write(() => {
      const { changed, ...counts } = mergeOps(this.#tables, ops, this.#merging());
      merged = counts;
      return changed;
    }).then(() => ({ ...merged, vector: this.vector() }));
  }

  mergeSnapshot(page: SnapshotPage): Promise<Merged> {
    let merged = { foreign: 0, ahead: 0 };
    return this.#write(() => {
      const { changed, ...counts } = mergeSnapshot(this.#tables, page, { ...this.#merging(), origin: this.#origin });
      merged = counts;
      return changed;
    }).then(() => ({ ...merged, vector: this.vector() }));
  }

  async truncate(upTo: Vector, mostOps: number): Promise<void> {
    await this.#write(() => {
      const drop = new Map(Object.entries(upTo));
      const tooMany = this.#tables.opCount() - mostOps;
      if (tooMany > 0) {
        for (const [origin, seq] of this.#tables.oldestOps(tooMany)) {
          drop.set(origin, Math.max(seq, drop.get(origin) ?? 0));
        }
      }
      for (const [origin, state] of this.#tables.origins()) {
        const floor = Math.min(drop.get(origin) ?? 0, state.held);
        if (floor <= state.floor) continue;
        this.#tables.dropOps(origin, floor);
        this.#tables.setOrigin(origin, { ...state, floor });
      }
      return [];
    });
  }

  async collect(upTo: Vector, before: Hlc): Promise<void> {
    await this.#write(() => collectRows(this.#tables, upTo, before, this.#clock));
  }

  knownNodes(): readonly KnownNode[] {
    return this.#tables.knownNodes();
  }

  async setKnownNodes(nodes: readonly KnownNode[]): Promise<void> {
    await this.#write(() => {
      this.#tables.setKnownNodes(nodes);
      return [];
    });
  }

  #merging() {
    return { clock: this.#clock, wallMs: this.#settings.wallMs(), isOwnCreation: this.#settings.isOwnCreation };
  }

  #write(work: () => Changes): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (changes: Changes) => {
        if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
        resolve();
      };
      this.#waiting.push({ work, done, failed: reject });
      if (this.#waiting.length === 1) this.#settings.soon(() => this.#writeWaiting());
    });
  }

  #writeWaiting(): void {
    const batch = this.#waiting.splice(0, MOST_AT_ONCE);
    if (batch.length === 0 || this.#closed) return;
    if (this.#waiting.length > 0) this.#settings.soon(() => this.#writeWaiting());
    let changes: Changes[] = [];
    const broken = new Map<Job, unknown>();
    try {
      this.#tables.transaction(() => {
        changes = batch.map((job) => {
          try {
            return job.work();
          } catch (error) {
            if (!(error instanceof PeerageError)) throw error;
            broken.set(job, error); // refused before it wrote anything: the others go on
            return [];
          }
        });
      });
      this.#lastWriteFailed = false;
    } catch (error) {
      this.#lastWriteFailed = true;
      this.#origin = newOrigin(); // a failed COMMIT may or may not have reached the disk: what comes next is another origin's
      for (const job of batch) job.failed(error);
      return;
    }
    batch.forEach((job, index) => {
      if (broken.has(job)) job.failed(broken.get(job));
      else job.done(changes[index]!);
    });
  }
}

/** About what a row or op takes as text. */
const sizeOf = (kept: KeptRow | LoggedOp): number => kept.key.length + 100 + (textOf(kept)?.length ?? 4);

const newOrigin = (): string => randomBytes(8).toString('hex');
