const BUCKET_MS = 250;
const BUCKETS = 12;

/** Bytes a second over the last three seconds. */
export class RateMeter {
  readonly #bytes = new Float64Array(BUCKETS);
  #bucket: number;
  readonly #startedBucket: number;
  totalBytes = 0;

  constructor(nowMs: number) {
    this.#bucket = this.#startedBucket = Math.floor(nowMs / BUCKET_MS);
  }

  add(bytes: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#bytes[this.#bucket % BUCKETS]! += bytes;
    this.totalBytes += bytes;
  }

  bytesPerSecond(nowMs: number): number {
    this.#turn(nowMs);
    // The bucket being filled counts with the part of it that is over.
    const partMs = nowMs - this.#bucket * BUCKET_MS;
    const fullBuckets = Math.min(BUCKETS - 1, this.#bucket - this.#startedBucket);
    const spanMs = Math.max(BUCKET_MS, fullBuckets * BUCKET_MS + partMs);
    let sum = 0;
    for (const bytes of this.#bytes) sum += bytes;
    return Math.round((sum * 1000) / spanMs);
  }

  #turn(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    for (let next = Math.max(this.#bucket + 1, bucket - BUCKETS + 1); next <= bucket; next++) {
      this.#bytes[next % BUCKETS] = 0;
    }
    this.#bucket = Math.max(this.#bucket, bucket);
  }
}
