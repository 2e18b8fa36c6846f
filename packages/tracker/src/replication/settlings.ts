import { replicationLimits } from '../limits.ts';
import { covers, type Vector } from './op.ts';
import type { ReplicaEffect, ReplicaEvent } from './replica-events.ts';
import type { ReplicaPeer } from './replica-peer.ts';

interface Settling {
  readonly id: number;
  readonly origin: string;
  readonly seq: number;
  readonly endsAtMs: number;
  /** What each tracker held when it acknowledged: this one has to hold it too. */
  readonly acknowledged: Map<ReplicaPeer, Vector>;
}

/**
 * Writes that wait until every listed tracker has them and this tracker has all that those had by then: no other outcome can be known anywhere.
 * A tracker that lets one time out is not waited for again until it comes back (a breaker): a frozen one does not slow every write.
 */
export class Settlings {
  readonly #peers: readonly ReplicaPeer[];
  #waiting: Settling[] = [];

  constructor(peers: readonly ReplicaPeer[]) {
    this.#peers = peers;
  }

  add({ id, origin, seq }: Extract<ReplicaEvent, { kind: 'settle' }>, held: Vector, nowMs: number): ReplicaEffect[] {
    const settling = { id, origin, seq, endsAtMs: nowMs + replicationLimits.settleMs, acknowledged: new Map() };
    if (this.#isSettled(settling, held)) return [{ kind: 'settled', id, settled: true }];
    const lacking = this.#peers.filter((peer) => !settling.acknowledged.has(peer));
    if (!lacking.every((peer) => peer.follows)) return [{ kind: 'settled', id, settled: false }];
    this.#waiting.push(settling);
    return [];
  }

  /** To be called when something was acknowledged or merged. */
  check(held: Vector): ReplicaEffect[] {
    return this.#end((settling) => this.#isSettled(settling, held), true);
  }

  expire(nowMs: number): ReplicaEffect[] {
    for (const { endsAtMs, acknowledged } of this.#waiting) {
      if (endsAtMs > nowMs) continue;
      for (const peer of this.#peers) if (!acknowledged.has(peer)) peer.slow = true;
    }
    return this.#end(({ endsAtMs }) => endsAtMs <= nowMs, false);
  }

  wakeAtMs(): number {
    return this.#waiting[0]?.endsAtMs ?? Number.POSITIVE_INFINITY; // all wait for the same time
  }

  #isSettled({ origin, seq, acknowledged }: Settling, held: Vector): boolean {
    for (const peer of this.#peers) {
      const vector = peer.told?.vector;
      if (!acknowledged.has(peer) && vector && (vector[origin] ?? 0) >= seq) acknowledged.set(peer, vector);
    }
    return this.#peers.every((peer) => {
      const vector = acknowledged.get(peer);
      return vector !== undefined && covers(held, vector);
    });
  }

  #end(which: (settling: Settling) => boolean, settled: boolean): ReplicaEffect[] {
    const ended: Settling[] = [];
    const waiting: Settling[] = [];
    for (const settling of this.#waiting) (which(settling) ? ended : waiting).push(settling);
    this.#waiting = waiting;
    return ended.map(({ id }) => ({ kind: 'settled', id, settled }));
  }
}
