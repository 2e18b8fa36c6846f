/** The wall clock has gone on so much more than the monotonic one: the machine slept. Less is how clocks are set right. */
const SLEPT_MS = 500;

/**
 * Time since a run of a tracker began, in milliseconds. It never goes back, and never falls behind what passed in the world: neither where the process stood still, nor where the
 * machine slept, which a monotonic clock may leave out.
 */
export class RunClock {
  readonly #monotonicMs: () => number;
  readonly #wallMs: () => number;
  readonly #beganMs: { readonly monotonic: number; readonly wall: number };
  #sleptMs = 0;

  constructor(monotonicMs: () => number, wallMs: () => number) {
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
    this.#beganMs = { monotonic: monotonicMs(), wall: wallMs() };
  }

  now(): number {
    const passedMs = this.#monotonicMs() - this.#beganMs.monotonic;
    const aheadMs = this.#wallMs() - this.#beganMs.wall - passedMs;
    if (aheadMs > this.#sleptMs + SLEPT_MS) this.#sleptMs = aheadMs;
    return passedMs + this.#sleptMs;
  }
}
