import type { Logger } from 'pino';
import type { ClockGuard } from '../life/clock-guard.ts';
import { CarriedOps } from './carried-ops.ts';
import type { Vector } from './op.ts';
import type { ReplicaEffect } from './replica-events.ts';
import type { ReplicationLog, Written } from './replication-log.ts';
import { answerCarrying } from './wire.ts';

/** Who has not pulled for so long follows no more. */
const FOLLOWS_MS = 5_000;

interface FollowingParts {
  readonly log: ReplicationLog;
  /** Never goes backwards. */
  readonly nowMs: () => number;
  readonly logger: Logger;
  readonly clock?: ClockGuard;
  readonly node: string;
}

/** What other trackers are answered that pull from this one. While one does, the store tells what it writes with its ops. */
export class Following {
  readonly #parts: FollowingParts;
  readonly #carried = new CarriedOps();
  /** When another tracker pulled last; undefined where none follows. */
  #followedAtMs: number | undefined;

  constructor(parts: FollowingParts) {
    this.#parts = parts;
  }

  wrote(written: Written): void {
    this.#carried.add(written);
    this.#endFollowing();
  }

  /** What is dropped from the log. */
  forget(upTo: number): void {
    this.#carried.forget(upTo);
  }

  /** Another tracker pulls. */
  noteFollower(): void {
    const nowMs = this.#parts.nowMs();
    if (this.#followedAtMs === undefined) this.#follow(true);
    this.#followedAtMs = nowMs;
  }

  #endFollowing(): void {
    if (this.#followedAtMs === undefined || this.#parts.nowMs() - this.#followedAtMs <= FOLLOWS_MS) return;
    this.#followedAtMs = undefined;
    this.#carried.clear();
    this.#follow(false);
  }

  #follow(isFollowed: boolean): void {
    this.#parts.log
      .follow(isFollowed)
      .catch((error) => this.#parts.logger.error({ err: error }, 'it could not be said who follows'));
  }

  /** From memory, where somebody lacks nothing but what this run wrote a moment ago; else from the store. */
  answer(
    { vector, replaces }: Extract<ReplicaEffect, { kind: 'answer' }>,
    held: Vector,
    origin: string,
  ): Promise<Uint8Array> {
    const lacksOthers = Object.entries(held).some(([other, seq]) => other !== origin && seq > (vector[other] ?? 0));
    const own = replaces || lacksOthers ? undefined : this.#carried.after(origin, vector[origin] ?? 0);
    if (!own) return this.#parts.log.answer(vector, replaces);
    const told = { node: this.#parts.node, origin, vector: { ...held, [origin]: own.upTo } };
    const nowMs = this.#parts.clock?.nowMs() ?? Date.now();
    return Promise.resolve(answerCarrying({ ...told, answer: 'ops', replaces, nowMs }, own.text));
  }
}
