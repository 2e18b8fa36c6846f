import { covers, missing, type Vector } from './op.ts';
import type { Told } from './replica-events.ts';
import type { PeerStatus } from './status.ts';

const FIRST_RETRY_MS = 50;
const MOST_RETRY_MS = 1_000;
/** Who lives asks anew at least every 2 s (POLL_MS). */
const FRESH_MS = 2_500;

export interface ParkedPoll {
  readonly id: number;
  readonly vector: Vector;
  readonly endsAtMs: number;
}

/** What one replica knows of another listed tracker. */
export class ReplicaPeer {
  readonly number: number;
  /** What it told last; undefined until it told anything to this run. */
  told: Told | undefined;
  toldAtMs = Number.NEGATIVE_INFINITY;
  /** It waits for news. */
  parked: ParkedPoll | undefined;
  /** When its last question was answered, while it has not come back with the next one. */
  answeredAtMs: number | undefined;
  /** It let a settling time out and has not come back since. */
  slow = false;
  pulling: 'idle' | 'asked' | 'merging' = 'idle';
  retryAtMs = 0;
  failures = 0;
  problem: { readonly state: 'unreachable' | 'refused'; readonly reason: string } | undefined;
  /** Since when it lacks something that is held here. */
  behindSinceMs: number | undefined;

  constructor(number: number) {
    this.number = number;
  }

  /** Whether its acknowledgement can be expected in a round trip. */
  get follows(): boolean {
    return !this.slow && (this.parked !== undefined || this.answeredAtMs !== undefined);
  }

  failed(nowMs: number): void {
    this.pulling = 'idle';
    this.retryAtMs = nowMs + Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.failures, 10));
    this.failures++;
  }

  succeeded(): void {
    this.pulling = 'idle';
    this.retryAtMs = 0;
    this.failures = 0;
    this.problem = undefined;
  }

  /** Whether it told what it holds a moment ago, and all of that is held here. */
  isFollowed(held: Vector, nowMs: number): boolean {
    const isFresh = this.problem === undefined && nowMs - this.toldAtMs <= FRESH_MS;
    return isFresh && this.told !== undefined && covers(held, this.told.vector);
  }

  noteLag(held: Vector, nowMs: number): void {
    if (this.told && covers(this.told.vector, held)) this.behindSinceMs = undefined;
    else this.behindSinceMs ??= nowMs;
  }

  status(held: Vector, nowMs: number): PeerStatus {
    const vector = this.told?.vector ?? {};
    const problem = this.problem ?? (this.told ? undefined : { state: 'unreachable' as const, reason: undefined });
    return {
      number: this.number,
      state: problem?.state ?? 'following',
      reason: problem?.reason,
      unacknowledgedOps: missing(held, vector),
      missingOps: missing(vector, held),
      lagMs: this.behindSinceMs === undefined ? 0 : nowMs - this.behindSinceMs,
    };
  }
}
