import { covers, meet, type Vector } from './op.ts';
import type { ReplicaEffect, ReplicaEvent, Told } from './replica-events.ts';
import { ReplicaPeer } from './replica-peer.ts';
import { Settlings } from './settlings.ts';
import type { ReplicationStatus } from './status.ts';

export interface ReplicaStart {
  readonly number: number;
  /** The numbers of the other trackers of the file. */
  readonly others: readonly number[];
  readonly vector: Vector;
  /** Nodes that it met before; number 0: they are listed no more. */
  readonly nodes: readonly { readonly node: string; readonly number: number }[];
}

/** How long a pull waits for news: also how soon a link that went silent is noticed. */
export const POLL_MS = 2_000;
const MAINTAIN_EVERY_MS = 10_000;
const FORGOTTEN = 0;

/**
 * One tracker's side of replication, without clock, socket and disk: events and the time in, effects out. Always true: `#vector` is on disk; each peer is
 * pulled from by one pull at a time; a question is answered once, when there is something that its vector lacks or its time is over; nothing is dropped
 * from the log, or collected, that a listed tracker has not acknowledged to this run.
 */
export class Replica {
  readonly #number: number;
  readonly #peers: ReadonlyMap<number, ReplicaPeer>;
  readonly #settlings: Settlings;
  readonly #vector: Record<string, number>;
  readonly #nodes: Map<string, number>;
  /** A node is listed no more since this start: to be noted before it may come back. */
  #hasForgotten: boolean;
  #maintainAtMs = 0;
  #caughtUpOnce: boolean;

  constructor(start: ReplicaStart) {
    this.#number = start.number;
    this.#peers = new Map(start.others.map((number) => [number, new ReplicaPeer(number)]));
    this.#settlings = new Settlings([...this.#peers.values()]);
    this.#vector = { ...start.vector };
    this.#caughtUpOnce = start.others.length === 0;
    const listed = new Set(start.others);
    this.#nodes = new Map(start.nodes.map(({ node, number }) => [node, listed.has(number) ? number : FORGOTTEN]));
    this.#hasForgotten = start.nodes.some(({ node, number }) => this.#nodes.get(node) !== number);
  }

  handle(event: ReplicaEvent, nowMs: number): ReplicaEffect[] {
    switch (event.kind) {
      case 'held':
        this.#vector[event.origin] = event.seq;
        return [...this.#answerParked(nowMs), ...this.#settlings.check(this.#vector)];
      case 'asked':
        return this.#asked(event, nowMs);
      case 'gone':
        for (const peer of this.#peers.values()) if (peer.parked?.id === event.id) peer.parked = undefined;
        return [];
      case 'answered':
        return this.#answered(event, nowMs);
      case 'merged':
        return this.#merged(event, nowMs);
      case 'failed': {
        const peer = this.#peers.get(event.from)!;
        peer.failed(nowMs);
        peer.problem = { state: event.state, reason: event.reason };
        return [];
      }
      case 'settle':
        return this.#settlings.add(event, this.#vector, nowMs);
      case 'tick':
        return this.#tick(nowMs);
    }
  }

  /** What is held here, on disk. */
  get vector(): Vector {
    return this.#vector;
  }

  /** When the next `tick` is due, at the latest. */
  wakeAtMs(): number {
    const times = [this.#maintainAtMs, this.#settlings.wakeAtMs()];
    for (const peer of this.#peers.values()) {
      if (peer.pulling === 'idle') times.push(peer.retryAtMs);
      if (peer.parked) times.push(peer.parked.endsAtMs);
    }
    return Math.min(...times);
  }

  status(nowMs: number): ReplicationStatus {
    const peers = [...this.#peers.values()].map((peer) => peer.status(this.#vector, nowMs));
    return { number: this.#number, peers, caughtUpOnce: this.#caughtUpOnce };
  }

  /** Whether all others were heard of a moment ago, and this tracker holds all that they had. */
  knowsAll(nowMs: number): boolean {
    return [...this.#peers.values()].every((peer) => peer.isFollowed(this.#vector, nowMs));
  }

  /** Refuses to have lost track of itself: for tests and simulations. */
  checkInvariants(): void {
    for (const peer of this.#peers.values()) {
      if (peer.parked && !covers(peer.parked.vector, this.#vector)) {
        throw new Error(`tracker ${peer.number} waits for what is here`);
      }
    }
  }

  #asked(event: Extract<ReplicaEvent, { kind: 'asked' }>, nowMs: number): ReplicaEffect[] {
    const peer = this.#peers.get(event.from)!;
    const effects: ReplicaEffect[] = [];
    // A second question of one tracker: it gave the first one up.
    if (peer.parked) effects.push(this.#answer(peer.parked.id, peer.parked.vector));
    peer.parked = undefined;
    peer.answeredAtMs = undefined;
    if (peer.problem?.state === 'unreachable') peer.problem = undefined; // it lives, and is asked at once
    if (this.#returns(event)) {
      effects.push({ kind: 'answer', id: event.id, vector: event.vector, replaces: true });
      return effects;
    }
    effects.push(...this.#told(peer, event, nowMs));
    peer.slow = false;
    // Its own run's ops it holds, however many there are since it asked: they are not news that it waits for.
    const vector = { ...event.vector, [event.origin]: Number.MAX_SAFE_INTEGER };
    if (covers(vector, this.#vector)) {
      const endsAtMs = nowMs + Math.min(event.waitMs, POLL_MS);
      peer.parked = { id: event.id, vector, endsAtMs };
    } else {
      effects.push(this.#answer(event.id, vector));
      peer.answeredAtMs = nowMs;
    }
    if (peer.pulling === 'idle') effects.push(...this.#pull(peer)); // it can be reached
    return [...effects, ...this.#settlings.check(this.#vector)];
  }

  #answered(event: Extract<ReplicaEvent, { kind: 'answered' }>, nowMs: number): ReplicaEffect[] {
    const peer = this.#peers.get(event.from)!;
    if (this.#returns(event)) {
      // It holds ops from before it was unlisted, against rows that may be collected here: it has to take a snapshot first.
      peer.failed(nowMs);
      peer.problem = {
        state: 'refused',
        reason: 'it was not listed for a time and has to take over what the others hold',
      };
      return [];
    }
    const effects = this.#told(peer, event, nowMs);
    peer.pulling = 'merging';
    const { from, vector, replaces } = event;
    if (event.answer === 'snapshot') effects.push({ kind: 'snapshot', from, vector, replaces });
    else effects.push({ kind: 'merge', from });
    return effects;
  }

  #merged({ from, vector, ahead }: Extract<ReplicaEvent, { kind: 'merged' }>, nowMs: number): ReplicaEffect[] {
    const peer = this.#peers.get(from)!;
    for (const origin of Object.keys(this.#vector)) if (!(origin in vector)) delete this.#vector[origin];
    Object.assign(this.#vector, vector);
    if (ahead > 0) {
      peer.failed(nowMs);
      peer.problem = {
        state: 'refused',
        reason: 'its clock, or that of a tracker it heard from, is more than 5 minutes ahead',
      };
      return [...this.#answerParked(nowMs), ...this.#settlings.check(this.#vector)];
    }
    peer.succeeded();
    if (peer.told && covers(this.#vector, peer.told.vector)) this.#caughtUpOnce = true;
    return [...this.#answerParked(nowMs), ...this.#settlings.check(this.#vector), ...this.#pull(peer)];
  }

  #tick(nowMs: number): ReplicaEffect[] {
    const effects: ReplicaEffect[] = this.#hasForgotten ? [this.#remember()] : [];
    this.#hasForgotten = false;
    for (const peer of this.#peers.values()) {
      peer.noteLag(this.#vector, nowMs);
      if (peer.parked && peer.parked.endsAtMs <= nowMs) {
        effects.push(this.#answer(peer.parked.id, peer.parked.vector));
        peer.parked = undefined;
        peer.answeredAtMs = nowMs;
      }
      if (peer.pulling === 'idle' && peer.retryAtMs <= nowMs) effects.push(...this.#pull(peer));
    }
    effects.push(...this.#settlings.expire(nowMs));
    if (this.#maintainAtMs <= nowMs) {
      this.#maintainAtMs = nowMs + MAINTAIN_EVERY_MS;
      effects.push(...this.#maintain());
    }
    return effects;
  }

  #maintain(): ReplicaEffect[] {
    const told = [...this.#peers.values()].map((peer) => peer.told?.vector);
    const acknowledged = told.reduce<Vector>((all, vector) => meet(all, vector ?? {}), { ...this.#vector });
    const effects: ReplicaEffect[] = [{ kind: 'truncate', upTo: acknowledged }];
    if (told.every((vector) => vector !== undefined && covers(this.#vector, vector))) {
      effects.push({ kind: 'collect', upTo: acknowledged });
    }
    return effects;
  }

  #pull(peer: ReplicaPeer): ReplicaEffect[] {
    peer.pulling = 'asked';
    return [{ kind: 'pull', to: peer.number, vector: { ...this.#vector }, waitMs: POLL_MS }];
  }

  #answer(id: number, vector: Vector): ReplicaEffect {
    return { kind: 'answer', id, vector, replaces: false };
  }

  #answerParked(nowMs: number): ReplicaEffect[] {
    const effects: ReplicaEffect[] = [];
    for (const peer of this.#peers.values()) {
      if (!peer.parked || covers(peer.parked.vector, this.#vector)) continue;
      effects.push(this.#answer(peer.parked.id, peer.parked.vector));
      peer.parked = undefined;
      peer.answeredAtMs = nowMs;
    }
    return effects;
  }

  /** Whether it was listed no more, and holds ops of that time or before that this tracker has not. */
  #returns({ node, origin, vector }: Told): boolean {
    if (this.#nodes.get(node) !== FORGOTTEN) return false;
    const before = Object.fromEntries(Object.entries(vector).filter(([key]) => key !== origin));
    return !covers(this.#vector, before);
  }

  #told(peer: ReplicaPeer, { node, origin, vector }: Told, nowMs: number): ReplicaEffect[] {
    peer.told = { node, origin, vector };
    peer.toldAtMs = nowMs;
    peer.noteLag(this.#vector, nowMs);
    if (this.#nodes.get(node) === peer.number) return [];
    this.#nodes.set(node, peer.number);
    return [this.#remember()];
  }

  #remember(): ReplicaEffect {
    return { kind: 'remember', nodes: [...this.#nodes].map(([node, number]) => ({ node, number })) };
  }
}
