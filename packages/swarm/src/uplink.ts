/** The latest deliveries that a rate is measured over. */
const DELIVERIES = 16;
/** At the most so long ago, but for the latest few: what was slow once is not slow for ever. */
const DELIVERIES_MS = 2_000;
const FEWEST_DELIVERIES = 4;
/** Nothing handed over for so long: there was nothing to send, so this time says nothing of the uplink. */
const GAP_MS = 500;
/** So many are enough for a rate, and so many milliseconds are long enough for one. */
const ENOUGH_DELIVERIES = 12;
const ENOUGH_MS = 700;
/** Less says nothing of the uplink, only how little was asked for: a stock client that asks twice a second, or a last piece of one byte. */
const ENOUGH_BYTES = 1024 * 1024;
/** Never slower than 1 Mbit/s, however late peers say what has arrived. */
const PACED_LEAST_BYTES_PER_SECOND = 125_000;
/** A little faster than measured, so that a faster uplink shows. */
const PACE = 1.5;
const AHEAD_MS = 20;
const AHEAD_BYTES = 64 * 1024;
/** 1 Gbit/s: beyond it the queues are short enough by themselves. */
const PACED_MOST_BYTES_PER_SECOND = 100_000_000;
/** A measured rate counts for one to two of these, while something is on its way. */
const PERIOD_MS = 2_000;

/**
 * How fast this transfer's uploads arrive, in bytes a second: the highest rate of the last seconds, measured from what peers say they
 * have (`have`), not from what sockets take: a socket takes half a mebibyte that is not sent yet.
 *
 * Always true: `#deliveries` are the latest ones since something is on its way without a gap (no older than `DELIVERIES_MS` but for a few), the first of them only a beginning.
 */
export class Uplink {
  #limitBytesPerSecond = Number.POSITIVE_INFINITY;
  #underwayBytes = 0;
  #handedAtMs = 0;
  #deliveries: { readonly atMs: number; readonly totalBytes: number }[] = [];
  #totalBytes = 0;
  #periodSinceMs = 0;
  #best = 0;
  #bestBefore = 0;
  /** When all that was handed over should have left. */
  #goneAtMs = 0;

  /** The user's limit; Infinity: none. What was measured under a lower one says nothing of the link. */
  limit(bytesPerSecond: number): void {
    if (bytesPerSecond > this.#limitBytesPerSecond) {
      this.#best = 0;
      this.#bestBefore = 0;
    }
    this.#limitBytesPerSecond = bytesPerSecond;
  }

  handOver(bytes: number, nowMs: number): void {
    // Pacing makes waits, too: where all that was handed over arrives before it allows the next block, nothing is underway, and yet much to send.
    const wasIdle = this.#underwayBytes === 0 && nowMs > this.#goneAtMs;
    if (wasIdle || nowMs - this.#handedAtMs > GAP_MS)
      this.#deliveries = [{ atMs: nowMs, totalBytes: this.#totalBytes }];
    this.#handedAtMs = nowMs;
    this.#underwayBytes += bytes;
    const rate = this.bytesPerSecond;
    if (rate === 0) return;
    const paceBytesPerSecond = Math.max(rate * PACE, Math.min(PACED_LEAST_BYTES_PER_SECOND, this.#limitBytesPerSecond));
    this.#goneAtMs = Math.max(this.#goneAtMs, nowMs) + (bytes * 1000) / paceBytesPerSecond;
  }

  /** So much of what was handed over is where it should be. */
  delivered(bytes: number, nowMs: number): void {
    this.#underwayBytes -= bytes;
    this.#totalBytes += bytes;
    this.#deliveries.push({ atMs: nowMs, totalBytes: this.#totalBytes });
    while (this.#deliveries.length > FEWEST_DELIVERIES && this.#isOld(nowMs)) this.#deliveries.shift();
    const first = this.#deliveries[0]!;
    const elapsedMs = nowMs - first.atMs;
    if (this.#totalBytes - first.totalBytes < ENOUGH_BYTES) return;
    if (elapsedMs <= 0 || (this.#deliveries.length <= ENOUGH_DELIVERIES && elapsedMs < ENOUGH_MS)) return;
    if (nowMs - this.#periodSinceMs > PERIOD_MS) {
      this.#bestBefore = this.#best;
      this.#best = 0;
      this.#periodSinceMs = nowMs;
    }
    this.#best = Math.max(this.#best, ((this.#totalBytes - first.totalBytes) * 1000) / elapsedMs);
  }

  #isOld(nowMs: number): boolean {
    return this.#deliveries.length > DELIVERIES || nowMs - this.#deliveries[0]!.atMs > DELIVERIES_MS;
  }

  /**
   * Whether what was handed over lately should be gone by now, but for what lasts {@link AHEAD_MS}: sockets take more than the uplink sends,
   * and what is in one can't be overtaken. Always yes until a rate is known, and on uplinks that are faster than the processor.
   */
  mayHandOver(nowMs: number): boolean {
    return this.handOverAtMs(nowMs) <= nowMs;
  }

  /** When the next block may be handed over. */
  handOverAtMs(nowMs: number): number {
    const rate = this.bytesPerSecond;
    if (rate === 0 || rate > PACED_MOST_BYTES_PER_SECOND) return nowMs;
    const aheadMs = Math.max(AHEAD_MS, (AHEAD_BYTES * 1000) / rate);
    return Math.max(nowMs, this.#goneAtMs - aheadMs);
  }

  /** Something was handed over of which nothing was heard yet. */
  get isWaiting(): boolean {
    return this.#underwayBytes > 0;
  }

  /** Bytes that nobody will hear of again. */
  lost(bytes: number): void {
    this.#underwayBytes -= bytes;
  }

  /** 0 until something was delivered. */
  get bytesPerSecond(): number {
    return Math.min(this.#limitBytesPerSecond, Math.max(this.#best, this.#bestBefore));
  }
}
