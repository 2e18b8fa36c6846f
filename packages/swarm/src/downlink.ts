const WEIGHT_MS = 500;
/** The highest rate seen counts for one to two of these. */
const PERIOD_MS = 10_000;
/** So near to the highest rate the downlink is taken to be full. */
const FULL_PART = 0.8;
const FULL_WEIGHT_MS = 2_000;

/** How fast blocks come in all, in bytes a second, smoothed over half a second; the highest that was; and how much of the time it is full. */
export class Downlink {
  #bytesPerSecond = 0;
  #atMs = 0;
  #periodSinceMs = 0;
  #best = 0;
  #bestBefore = 0;
  #fullPart = 0;

  arrived(bytes: number, nowMs: number): void {
    this.#fade(nowMs);
    this.#bytesPerSecond += (bytes * 1000) / WEIGHT_MS;
    this.#best = Math.max(this.#best, this.#bytesPerSecond);
  }

  /** True where what comes is at least this part of the most that came. */
  isAt(part: number, nowMs: number): boolean {
    this.#fade(nowMs);
    return this.#bytesPerSecond > 0 && this.#bytesPerSecond >= part * this.mostBytesPerSecond;
  }

  /** The part of the last seconds in which it took as much as it ever did. */
  fullPart(nowMs: number): number {
    this.#fade(nowMs);
    return this.#fullPart;
  }

  get mostBytesPerSecond(): number {
    return Math.max(this.#best, this.#bestBefore);
  }

  #fade(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs === 0) return;
    this.#atMs = nowMs;
    const isFull = this.#bytesPerSecond > 0 && this.#bytesPerSecond >= FULL_PART * this.mostBytesPerSecond;
    this.#fullPart += ((isFull ? 1 : 0) - this.#fullPart) * (1 - Math.exp(-elapsedMs / FULL_WEIGHT_MS));
    this.#bytesPerSecond *= Math.exp(-elapsedMs / WEIGHT_MS);
    if (nowMs - this.#periodSinceMs <= PERIOD_MS) return;
    this.#bestBefore = this.#best;
    this.#best = this.#bytesPerSecond;
    this.#periodSinceMs = nowMs;
  }
}
