/** Buffers of one size for what connections of one thread are about to say, reused: what was said leaves a buffer free when the operating system has taken it. */
export class WireBuffers {
  readonly sizeBytes: number;
  readonly #mostKept: number;
  readonly #free: Uint8Array[] = [];

  /** More than `mostKept` that are free are given back to the system: they were for more connections at once than usual. */
  constructor(sizeBytes: number, mostKept: number) {
    this.sizeBytes = sizeBytes;
    this.#mostKept = mostKept;
  }

  take(): Uint8Array {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.sizeBytes);
  }

  /** Nobody may read from it any more. */
  give(buffer: Uint8Array): void {
    if (this.#free.length < this.#mostKept) this.#free.push(buffer);
  }
}
