/**
 * What the trackers' clock shows: their word at the last contact, and the monotonic time since. The machine's own date plays no part, so setting it
 * wrong neither opens nor closes anything.
 */
export class TrackerClock {
  readonly #monotonicMs: () => number;
  #offsetMs: number | undefined;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  set(trackerNowMs: number): void {
    this.#offsetMs = trackerNowMs - this.#monotonicMs();
  }

  /** NaN before the first word of a tracker: no certificate is valid then. */
  now(): number {
    return this.#offsetMs === undefined ? Number.NaN : this.#monotonicMs() + this.#offsetMs;
  }

  /** The monotonic time at which the trackers' clock shows `trackerMs`. */
  toMonotonic(trackerMs: number): number {
    return trackerMs - (this.#offsetMs ?? Number.NaN);
  }
}
