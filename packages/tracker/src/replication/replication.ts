import { METAINFO_LIMITS } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract';
import type { Logger } from 'pino';
import type { BlobFiles } from '../blobs/blob-files.ts';
import type { Put } from '../domain/rule.ts';
import type { Telling } from '../events/news.ts';
import type { ClockGuard } from '../life/clock-guard.ts';
import { replicationLimits } from '../limits.ts';
import type { Presence } from '../presence/presence.ts';
import type { Writer } from '../store/writer.ts';
import type { PasswordTry } from '../throttle/login-throttle.ts';
import { BlobFetcher } from './blob-fetcher.ts';
import type { Cluster } from './cluster.ts';
import { Exchanges } from './exchanges.ts';
import { Following } from './following.ts';
import { Link, LinkError } from './link.ts';
import { Replica } from './replica.ts';
import type { ReplicaEffect, ReplicaEvent } from './replica-events.ts';
import type { PagePlace, ReplicationLog, Written } from './replication-log.ts';
import { SoftSenders } from './soft-senders.ts';
import type { ReplicationStatus } from './status.ts';
import { encodeMetainfoQuestion, type PullBody } from './wire.ts';

const REACHABLE_EVERY_MS = 200;
const METAINFO_TIMEOUT_MS = 60_000;

export interface ReplicationParts {
  readonly cluster: Cluster;
  readonly log: ReplicationLog;
  /** Never goes backwards. */
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** Hears what time the others believe it is. */
  readonly clock?: ClockGuard;
}

/**
 * Runs a replica's effects and feeds back what came of them: the only place where replication waits. Effects of one event are begun in their order; what they
 * change on disk is done by the store one after the other.
 */
export class Replication {
  readonly #parts: ReplicationParts;
  readonly #replica: Replica;
  readonly #links: ReadonlyMap<number, Link>;
  readonly #exchanges: Exchanges;
  readonly #following: Following;
  readonly #questions = new Map<number, (answer: Promise<Uint8Array>) => void>();
  readonly #settlings = new Map<number, (settled: boolean) => void>();
  #soft: SoftSenders | undefined;
  #blobs: BlobFetcher | undefined;
  #written: Written;
  #settling: { readonly written: Written; readonly promise: Promise<boolean> } | undefined;
  #hasWritten = false;
  #lastId = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer runs out, which may be before there is something to do. */
  #timerAtMs = Number.POSITIVE_INFINITY;
  #closed = false;

  private constructor(parts: ReplicationParts, begun: Awaited<ReturnType<ReplicationLog['begin']>>) {
    const { cluster } = parts;
    const others = cluster.trackers.map((_, index) => index + 1).filter((number) => number !== cluster.number);
    this.#parts = parts;
    this.#written = { origin: begun.origin, seq: 0 };
    this.#replica = new Replica({ ...begun, number: cluster.number, others });
    this.#links = new Map(others.map((number) => [number, new Link(cluster, number)]));
    this.#exchanges = new Exchanges({ ...parts, links: this.#links, node: begun.node });
    this.#following = new Following({ ...parts, node: begun.node });
  }

  get hasOthers(): boolean {
    return this.#links.size > 0;
  }

  get cluster(): Cluster {
    return this.#parts.cluster;
  }

  /** The key of the other tracker that the file lists under this address, as it was seen on a proven connection; as hex. */
  keyOf(address: string): string | undefined {
    const { trackers } = this.#parts.cluster;
    const written = ({ host, port }: (typeof trackers)[number]) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const place = trackers.findIndex((tracker) => written(tracker) === address);
    return this.#links.get(place + 1)?.pin;
  }

  static async start(parts: ReplicationParts): Promise<Replication> {
    const replication = new Replication(parts, await parts.log.begin());
    replication.#handle({ kind: 'tick' });
    return replication;
  }

  /** To be told of every commit, in the order of the store. */
  wrote(written: Written): void {
    if (written.seq === 0 || (written.origin === this.#written.origin && written.seq === this.#written.seq)) return;
    this.#written = written;
    this.#following.wrote(written);
    if (this.#hasWritten) return;
    this.#hasWritten = true;
    // One transaction is told as many commits: the replica hears of the last.
    process.nextTick(() => {
      this.#hasWritten = false;
      const { origin, seq } = this.#written;
      this.#handle({ kind: 'held', origin, seq });
    });
  }

  /** Answers another tracker's pull when there is something to say; `whenGone` calls back when it waits no more. */
  answerPull(from: number, pull: PullBody, whenGone: (then: () => void) => void): Promise<Uint8Array> {
    const id = ++this.#lastId;
    this.#parts.clock?.heard(pull.nowMs);
    this.#following.noteFollower();
    return new Promise((resolve, reject) => {
      this.#questions.set(id, resolve);
      whenGone(() => {
        if (!this.#questions.delete(id)) return;
        reject(new PeerageError('interrupted', 'the other tracker waits no more'));
        this.#handle({ kind: 'gone', id });
      });
      this.#handle({
        kind: 'asked',
        id,
        from,
        node: pull.node,
        origin: pull.origin,
        vector: pull.vector,
        waitMs: pull.waitMs,
      });
    });
  }

  /** Joins what is online here, and what is tried at its logins, with the other trackers, and fetches the metainfo that they have. */
  join(parts: { readonly presence: Presence; readonly writer: Writer; readonly blobs: BlobFiles }): void {
    const { logger: log } = this.#parts;
    this.#soft = new SoftSenders(parts.presence, this.#links.values());
    const fetch = (tracker: number, group: string, infoHash: string) =>
      this.#links.get(tracker)!.call({
        path: '/replica/metainfo',
        body: encodeMetainfoQuestion({ group, infoHash }),
        timeoutMs: METAINFO_TIMEOUT_MS,
        mostBytes: METAINFO_LIMITS.infoBytes,
      });
    this.#blobs = new BlobFetcher({
      writer: parts.writer,
      blobs: parts.blobs,
      fetch,
      others: [...this.#links.keys()],
      log,
    });
    this.#keep(this.#blobs.begin(), 'missing metainfo could not be looked up');
  }

  rowsChanged(puts: readonly Put[]): void {
    this.#blobs?.rowsChanged(puts);
  }

  /** Fetches metainfo that is missing here; whether it is here now. Who asks does not wait for a tracker that can't be reached. */
  async fetchBlob(gid: string, infoHash: string): Promise<boolean> {
    const given = Promise.withResolvers<boolean>();
    const look = () => {
      if (this.status().peers.every(({ state }) => state === 'unreachable')) given.resolve(false);
    };
    const timer = setInterval(look, REACHABLE_EVERY_MS);
    look();
    this.#blobs?.fetch(gid, infoHash).then(given.resolve, given.reject);
    try {
      return await given.promise;
    } finally {
      clearInterval(timer);
    }
  }

  /** Whether no listed tracker may hold anything that this one lacks, as far as can be known without asking. */
  knowsAll(): boolean {
    return this.#replica.knowsAll(this.#parts.nowMs());
  }

  /** A wrong password was given here. */
  tried(wrong: PasswordTry): void {
    this.#soft?.tried(wrong);
  }

  /** Users are told something, wherever they are. */
  tells(telling: Telling): void {
    this.#soft?.tells(telling);
  }

  answerRows(after: PagePlace['after']): Promise<Uint8Array> {
    return this.#parts.log.rows(after);
  }

  /** Whether everything that this tracker has written by now is settled; waits for the others for 300 ms at most. Who asks for the same writes waits together. */
  settle(): Promise<boolean> {
    const written = this.#written;
    if (this.#settling?.written === written) return this.#settling.promise;
    const id = ++this.#lastId;
    const promise = new Promise<boolean>((resolve) => {
      this.#settlings.set(id, (settled) => {
        if (this.#settling?.promise === promise) this.#settling = undefined; // asked later it may be another answer
        resolve(settled);
      });
      queueMicrotask(() => this.#handle({ kind: 'settle', id, origin: written.origin, seq: written.seq }));
    });
    this.#settling = { written, promise };
    return promise;
  }

  status(): ReplicationStatus {
    return this.#replica.status(this.#parts.nowMs());
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#soft?.close();
    for (const link of this.#links.values()) link.close();
    for (const settled of this.#settlings.values()) settled(false);
    const closing = Promise.reject(new PeerageError('interrupted', 'this tracker stops'));
    closing.catch(() => undefined); // told to whoever waits
    for (const answer of this.#questions.values()) answer(closing);
    this.#questions.clear();
    await this.#blobs?.close();
  }

  #handle(event: ReplicaEvent): void {
    if (this.#closed) return;
    for (const effect of this.#replica.handle(event, this.#parts.nowMs())) this.#run(effect);
    const wakeAtMs = this.#replica.wakeAtMs();
    if (wakeAtMs >= this.#timerAtMs) return; // thousands of events a second move it to later
    clearTimeout(this.#timer);
    this.#timerAtMs = wakeAtMs;
    const onTime = () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.#handle({ kind: 'tick' });
    };
    this.#timer = setTimeout(onTime, Math.max(0, wakeAtMs - this.#parts.nowMs()));
  }

  #run(effect: ReplicaEffect): void {
    const { log } = this.#parts;
    switch (effect.kind) {
      case 'pull':
        this.#from(effect.to, this.#exchanges.pull(effect, this.#written.origin));
        break;
      case 'merge':
        this.#from(effect.from, this.#exchanges.merge(effect.from));
        break;
      case 'snapshot':
        this.#from(effect.from, this.#exchanges.takeSnapshot(effect));
        break;
      case 'answer':
        taken(this.#questions, effect.id)?.(this.#following.answer(effect, this.#replica.vector, this.#written.origin));
        break;
      case 'settled':
        taken(this.#settlings, effect.id)?.(effect.settled);
        break;
      case 'truncate':
        this.#following.forget(effect.upTo[this.#written.origin] ?? 0);
        this.#keep(log.truncate(effect.upTo, replicationLimits.ops), 'the log could not be truncated');
        break;
      case 'collect':
        this.#keep(log.collect(effect.upTo, replicationLimits.collectAfterMs), 'ended rows could not be collected');
        break;
      case 'remember':
        this.#keep(log.remember(effect.nodes), 'the other trackers could not be noted');
        break;
    }
  }

  #keep(work: Promise<void>, otherwise: string): void {
    work.catch((error) => {
      if (!this.#closed) this.#parts.logger.error({ err: error }, otherwise);
    });
  }

  /** What comes of an exchange with another tracker. */
  #from(from: number, exchange: Promise<ReplicaEvent>): void {
    exchange.then(
      (event) => this.#handle(event),
      (error: unknown) => {
        if (this.#closed) return;
        const refused = error instanceof PeerageError;
        const state = error instanceof LinkError ? error.state : 'refused';
        if (!refused && !(error instanceof LinkError)) {
          this.#parts.logger.error({ err: error, tracker: from }, 'what another tracker sent could not be merged');
        }
        this.#handle({ kind: 'failed', from, state, reason: (error as Error).message });
      },
    );
  }
}

/** An entry, which is gone from now on. */
function taken<T>(entries: Map<number, T>, id: number): T | undefined {
  const entry = entries.get(id);
  entries.delete(id);
  return entry;
}
