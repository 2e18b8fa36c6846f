import { BLOCK_BYTES, PIECE_HEADER_BYTES } from '@peerage/bittorrent';

/** Eight blocks with their heads: TLS cuts it into full records, and the operating system takes it in one call. */
const WIRE_BUFFER_BYTES = 8 * (BLOCK_BYTES + PIECE_HEADER_BYTES);
/** More than these are given back to the system: they were for more connections at once than usual. */
const MOST_KEPT = 32;

/** Buffers for what connections of one thread are about to say, reused: what was said leaves a buffer free when the operating system has taken it. */
export class WireBuffers {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(WIRE_BUFFER_BYTES);
  }

  /** Nobody may read from it any more. */
  give(buffer: Uint8Array): void {
    if (this.#free.length < MOST_KEPT) this.#free.push(buffer);
  }
}
