import { PIECE_BYTES } from '@peerage/bittorrent';

/**
 * Piece buffers, reused for ever: memory given back to the system is dear to touch again. The most recently freed one goes out first,
 * because the processor's caches still hold it.
 * More than `size` are handed out only for a moment, when a transfer's share of the pool has just been made smaller; those are not kept.
 */
export class BufferPool {
  readonly size: number;
  readonly #free: Uint8Array[] = [];

  constructor(size: number) {
    this.size = size;
  }

  take(): Uint8Array {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
  }

  /** Nothing may write into it or read from it any more. */
  give(buffer: Uint8Array): void {
    if (this.#free.length < this.size) this.#free.push(buffer);
  }
}
