import { PeerageError } from '@peerage/contract';
import { latenessLimits } from '../limits.ts';

/** When a request arrived: how often the tracker had stood still by then, and the time by the fence's clock. Plain data: it crosses threads. */
export interface Arrival {
  readonly stalls: number;
  readonly atMs: number;
}

/** What the fences of a tracker's threads share. */
export type FenceState = SharedArrayBuffer;
export const newFenceState = (): FenceState => new SharedArrayBuffer(12);

const STALLS = 0;
const MONOTONIC = 1;
const WALL = 2;

/**
 * Keeps a tracker that stood still (stopped, starved, asleep) from carrying out what its clients have given up and asked another tracker for: done late it would carry a later stamp than
 * what they did there since. Always true: the main thread beats; where a beat is missing for `stallMs`, what had arrived before is not begun any more, whichever thread looks first.
 * Times are kept modulo 2^32 ms.
 */
export class StallFence {
  readonly #state: Int32Array;
  readonly #monotonicMs: () => number;
  readonly #wallMs: () => number;

  /** `monotonicMs` is the same clock in all threads. */
  constructor(state: FenceState, monotonicMs: () => number, wallMs: () => number) {
    this.#state = new Int32Array(state);
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
  }

  /** The main thread lives. */
  beat(): void {
    const [monotonicMs, wallMs] = this.#now();
    if (Atomics.load(this.#state, MONOTONIC) !== 0 && this.#isStill(monotonicMs, wallMs)) {
      Atomics.add(this.#state, STALLS, 1);
    }
    Atomics.store(this.#state, MONOTONIC, monotonicMs);
    Atomics.store(this.#state, WALL, wallMs);
  }

  /** A request arrives now. */
  arrival(): Arrival {
    this.beat();
    return { stalls: Atomics.load(this.#state, STALLS), atMs: this.#now()[0] };
  }

  /** Throws `timeout` where who sent the request may have given it up. */
  require({ stalls, atMs }: Arrival): void {
    const [monotonicMs, wallMs] = this.#now();
    const hasStalled = stalls !== Atomics.load(this.#state, STALLS) || this.#isStill(monotonicMs, wallMs);
    if (hasStalled || ((monotonicMs - atMs) | 0) > latenessLimits.waitMs) throw tooLate();
  }

  #isStill(monotonicMs: number, wallMs: number): boolean {
    const sinceMs = (monotonicMs - Atomics.load(this.#state, MONOTONIC)) | 0;
    const sleptMs = ((wallMs - Atomics.load(this.#state, WALL)) | 0) - sinceMs;
    return sinceMs > latenessLimits.stallMs || sleptMs > latenessLimits.stallMs;
  }

  /** Never 0, which says that there was no beat yet. */
  #now(): [monotonicMs: number, wallMs: number] {
    return [Math.floor(this.#monotonicMs()) | 0 || 1, Math.floor(this.#wallMs()) | 0];
  }
}

export const tooLate = (): PeerageError =>
  new PeerageError('timeout', 'the request was too long on its way, and nothing was done: send it again');
