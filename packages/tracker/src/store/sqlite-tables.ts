import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Entity, Hlc } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import type { Row } from '../domain/rule.ts';
import type { Op } from '../replication/op.ts';
import { toHeld } from './entity-rows.ts';
import { KeptOp } from './kept-text.ts';
import { OpLog } from './op-log.ts';
import { RecentOps } from './recent-ops.ts';
import type { KnownNode, RowPlace } from './replicated-store.ts';
import { RowCache } from './row-cache.ts';
import { RowTotals } from './row-totals.ts';
import { openDatabase } from './sqlite-format.ts';
import { AFTER_ALL, SqliteRows } from './sqlite-rows.ts';
import { prepare, type Statements } from './sqlite-statements.ts';
import type { KeptRow, LoggedOp, OriginState, Tables } from './tables.ts';
import { writeRefusal } from './write-refusal.ts';

/**
 * The tables of a log store in one SQLite file, whose log is brought to disk by each transaction, or by whoever holds back what rests on it (log-sync.ts). `origins` is kept in memory beside its table, written once a transaction, and read anew after one that failed; so are the rows and ops that were used last.
 */
export class SqliteTables implements Tables {
  readonly node: string;
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #rows: SqliteRows;
  readonly #log: OpLog;
  readonly #cache = new RowCache();
  readonly #totals = new RowTotals();
  readonly #recent = new RecentOps();
  #origins: Map<string, OriginState>;
  /** Origins that the open transaction has changed. */
  readonly #changedOrigins = new Set<string>();
  #commits = 1; // what was found at opening may not be on disk either
  #probes = 0;
  /** The values that the open transaction has made text: a row and its op have one value. */
  readonly #encoded = new Map<object, string>();

  /** `waitsForDisk`: a transaction ends when it is on disk. */
  constructor(path: string, waitsForDisk = true, logBytes?: number) {
    this.#db = openDatabase(path, waitsForDisk, logBytes);
    this.#statements = prepare(this.#db);
    this.#rows = new SqliteRows(this.#db, this.#statements);
    this.#log = new OpLog(this.#db);
    this.#db.prepare("INSERT OR IGNORE INTO identity VALUES ('node', ?)").run(randomBytes(8).toString('hex'));
    this.node = String(this.#db.prepare("SELECT value FROM identity WHERE key = 'node'").get()?.['value']);
    this.#origins = this.#readOrigins();
  }

  /** Counts what was written to the log. */
  get commits(): number {
    return this.#commits;
  }

  transaction(work: () => void): void {
    try {
      this.#statements.begin.run();
      work();
      for (const origin of this.#changedOrigins) {
        const { held, floor } = this.#origins.get(origin)!;
        this.#statements.setOrigin.run(origin, held, floor);
      }
      this.#changedOrigins.clear();
      this.#log.endPiece();
      this.#rows.endTransaction();
      this.#statements.commit.run();
      this.#commits++;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      this.#cache.clear();
      this.#totals.clear();
      this.#recent.clear();
      this.#changedOrigins.clear();
      this.#origins = this.#readOrigins();
      this.#rows.takenBack();
      this.#log.forgetOpen();
      throw writeRefusal(error);
    } finally {
      this.#encoded.clear();
    }
  }

  held(entity: Entity, key: string): Held | undefined {
    const known = this.#cache.row(entity, key);
    if (known !== undefined) return known ?? undefined;
    const raw = this.#rows.of(entity).get(key);
    const held = raw && toHeld(entity, raw);
    this.#cache.keep(entity, key, held);
    return held;
  }

  scan<E extends Entity>(entity: E, prefix: string): readonly Row<E>[] {
    const known = this.#cache.scan(entity, prefix) as readonly Row<E>[] | undefined;
    if (known) return known;
    const raws = this.#rows.of(entity).between(prefix, afterPrefix(prefix));
    const rows = Array.from(raws, (raw) => toHeld(entity, raw) as Row<E>);
    this.#cache.keepScan(entity, prefix, rows);
    return rows;
  }

  count(entity: Entity, prefix: string): number {
    const count = () => this.#rows.of(entity).count(prefix, afterPrefix(prefix));
    if (prefix === '') return this.#totals.of(entity, count);
    const known = this.#cache.count(entity, prefix);
    if (known !== undefined) return known;
    const counted = count();
    this.#cache.keepCount(entity, prefix, counted);
    return counted;
  }

  gives(entity: Entity, prefix: string, rows: readonly Row[]): boolean {
    return this.#cache.scan(entity, prefix) === rows;
  }

  insert(row: Held): boolean {
    const { entity, key } = row;
    if (this.#cache.row(entity, key)) return false;
    const text = this.#textOf(row.value);
    if (!this.#rows.of(entity).insert(key, text, row.stamp)) return false;
    this.#totals.changed(entity, false, text !== null);
    this.#written(row, text);
    return true;
  }

  write(row: Held): void {
    const { entity, key } = row;
    const text = this.#textOf(row.value);
    if (this.#totals.follows(entity)) this.#totals.changed(entity, this.#isThere(entity, key), text !== null);
    this.#rows.of(entity).write(key, text, row.stamp, this.#cache.row(entity, key) === null);
    this.#written(row, text);
  }

  drop(entity: Entity, key: string): void {
    if (this.#cache.row(entity, key) === null) return;
    if (this.#totals.follows(entity)) this.#totals.changed(entity, this.#isThere(entity, key), false);
    this.#cache.changed(entity, key);
    this.#rows.of(entity).drop(key);
  }

  heldAfter(after: RowPlace | null): IterableIterator<KeptRow> {
    return this.#rows.after(after);
  }

  ended(): Held[] {
    return this.#rows.ended();
  }

  agedBefore(before: Hlc): Held[] {
    return this.#rows.agedBefore(before);
  }

  origins(): Map<string, OriginState> {
    return this.#origins;
  }

  setOrigin(origin: string, state: OriginState): void {
    this.#changedOrigins.add(origin);
    this.#origins.set(origin, state);
  }

  dropOrigin(origin: string): void {
    this.dropOps(origin, Number.MAX_SAFE_INTEGER);
    this.#statements.dropOrigin.run(origin);
    this.#changedOrigins.delete(origin);
    this.#origins.delete(origin);
  }

  addOp(op: Op): void {
    const text = this.#textOf(op.value);
    this.#log.add(op, text);
    this.#recent.add(new KeptOp(op, text));
  }

  opsAfter(origin: string, seq: number): Iterable<LoggedOp> {
    return this.#recent.after(origin, seq) ?? this.#log.after(origin, seq);
  }

  dropOps(origin: string, upTo: number): void {
    this.#log.drop(origin, upTo);
  }

  opCount(): number {
    let ops = 0;
    for (const { held, floor } of this.#origins.values()) ops += held - floor;
    return ops;
  }

  oldestOps(count: number): Map<string, number> {
    return this.#log.oldest(count);
  }

  knownNodes(): KnownNode[] {
    return this.#db.prepare('SELECT node, number FROM nodes ORDER BY number').all() as unknown as KnownNode[];
  }

  setKnownNodes(nodes: readonly KnownNode[]): void {
    this.#db.exec('DELETE FROM nodes');
    const add = this.#db.prepare('INSERT OR REPLACE INTO nodes VALUES (?, ?)');
    for (const { node, number } of nodes) add.run(node, number);
  }

  latestHlc(): Hlc {
    return Number(this.#statements.latest.get()?.['hlc']);
  }

  probe(): void {
    this.#statements.probe.run(++this.#probes);
    this.#commits++;
  }

  close(): void {
    this.#db.close();
  }

  #isThere(entity: Entity, key: string): boolean {
    const held = this.held(entity, key);
    return held !== undefined && held.value !== null;
  }

  /** What is kept is not the writer's own object, with which it may do something else. */
  #written({ entity, key, stamp }: Held, text: string | null): void {
    this.#cache.changed(entity, key, () => ({
      entity,
      key,
      value: text === null ? null : JSON.parse(text),
      stamp,
    }));
  }

  #textOf(value: Held['value']): string | null {
    if (value === null) return null;
    let text = this.#encoded.get(value);
    if (text === undefined) {
      text = JSON.stringify(value);
      this.#encoded.set(value, text);
    }
    return text;
  }

  #readOrigins(): Map<string, OriginState> {
    const rows = this.#db.prepare('SELECT origin, held, floor FROM origins').all();
    return new Map(
      rows.map((row) => [String(row['origin']), { held: Number(row['held']), floor: Number(row['floor']) }]),
    );
  }
}

/** The first key after all that begin with `prefix`, whose last character is ASCII (keys, entities.ts). */
const afterPrefix = (prefix: string): string =>
  prefix === '' ? AFTER_ALL : prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
