/** How much may go at once after a rest: a quarter of a second's worth, at least two blocks. */
const BURST_MS = 250;
const BURST_LEAST_BYTES = 32 * 1024;

/**
 * A token bucket that may go into debt: what is spent is never split, who comes after it waits. A limiter within another (a download within the
 * client) spends in both.
 *
 * Always true: over any time t no more than rate × t, one burst and one message are spent.
 */
export class RateLimiter {
  readonly #within: RateLimiter | undefined;
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  #bytes = 0;
  #atMs = 0;

  constructor(within?: RateLimiter) {
    this.#within = within;
  }

  /** Bytes a second that may be spent, here and in what it is within; Infinity: any. */
  get bytesPerSecond(): number {
    return Math.min(this.#bytesPerSecond, this.#within?.bytesPerSecond ?? Number.POSITIVE_INFINITY);
  }

  /** `bytesPerSecond` from now on; Infinity: no limit. */
  limit(bytesPerSecond: number, nowMs: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#bytes = 0;
    this.#atMs = nowMs;
  }

  spend(bytes: number, nowMs: number): void {
    this.#within?.spend(bytes, nowMs);
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return;
    this.#fill(nowMs);
    this.#bytes -= bytes;
  }

  /** Milliseconds until something may be spent again. */
  waitMs(nowMs: number): number {
    const withinMs = this.#within?.waitMs(nowMs) ?? 0;
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return withinMs;
    this.#fill(nowMs);
    return Math.max(withinMs, this.#bytes >= 0 ? 0 : (-this.#bytes * 1000) / this.#bytesPerSecond);
  }

  #fill(nowMs: number): void {
    const mostBytes = Math.max(BURST_LEAST_BYTES, (this.#bytesPerSecond * BURST_MS) / 1000);
    this.#bytes = Math.min(mostBytes, this.#bytes + ((nowMs - this.#atMs) * this.#bytesPerSecond) / 1000);
    this.#atMs = nowMs;
  }
}

/** Both ways of a client, or of one download within it. */
export interface TrafficLimits {
  readonly up: RateLimiter;
  readonly down: RateLimiter;
}
