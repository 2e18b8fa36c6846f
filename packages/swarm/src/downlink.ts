const WEIGHT_MS = 500;
/** The highest rate seen counts for one to two of these. */
const PERIOD_MS = 10_000;
/** So near to the highest rate the downlink is taken to be full. */
const FULL_PART = 0.85;

/** How fast blocks come in all, in bytes a second, smoothed over half a second; and the highest that was. */
export class Downlink {
  #bytesPerSecond = 0;
  #atMs = 0;
  #periodSinceMs = 0;
  #best = 0;
  #bestBefore = 0;

  arrived(bytes: number, nowMs: number): void {
    this.#fade(nowMs);
    this.#bytesPerSecond += (bytes * 1000) / WEIGHT_MS;
    this.#best = Math.max(this.#best, this.#bytesPerSecond);
  }

  /** True where more senders would only share what comes already. */
  isFull(nowMs: number): boolean {
    this.#fade(nowMs);
    return this.#bytesPerSecond > 0 && this.#bytesPerSecond >= FULL_PART * Math.max(this.#best, this.#bestBefore);
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  #fade(nowMs: number): void {
    this.#bytesPerSecond *= Math.exp(-(nowMs - this.#atMs) / WEIGHT_MS);
    this.#atMs = nowMs;
    if (nowMs - this.#periodSinceMs <= PERIOD_MS) return;
    this.#bestBefore = this.#best;
    this.#best = this.#bytesPerSecond;
    this.#periodSinceMs = nowMs;
  }
}
