import { type Block, type CommonInfo, type Geometry, type PieceIndex, pieceHash } from '@peerage/bittorrent';
import { hasSha1, type PieceStore, StoreError } from '@peerage/storage';
import type { BufferPool } from './buffer-pool.ts';

/** One write is under way while the next one is prepared: more only hold buffers. What waits meanwhile goes in one turn: pieces that follow each other are one write then. */
const WRITES_IN_FLIGHT = 2;
const SPACE_RETRY_MS = 1000;

interface IntakeOptions {
  readonly verify: VerifyPiece;
  readonly store: PieceStore;
  readonly pool: BufferPool;
  readonly onStored: (piece: PieceIndex) => void;
  readonly onBad: (piece: PieceIndex) => void;
  /** A good piece could not be written, for a reason that does not pass by itself. */
  readonly onWriteFailed: (piece: PieceIndex, error: unknown) => void;
  /** The disk is full: the pieces at hand are kept and tried again every second; undefined: it goes on. */
  readonly onSpace: (problem: StoreError | undefined) => void;
}

/** Whether these bytes are the piece that the metainfo promises. */
export type VerifyPiece = (piece: PieceIndex, bytes: Uint8Array) => boolean;

/** Whether these bytes are the piece that the metainfo promises. One call over the whole piece: in parts it takes 40 % longer. */
export function matchesInfo(info: CommonInfo, piece: PieceIndex, bytes: Uint8Array): boolean {
  return hasSha1(bytes, pieceHash(info, piece));
}

/**
 * The way of a piece from the wire to the store.
 *
 * Always true: an open piece has one buffer of the pool, from its first block until it was stored, was bad, or nobody works on it any more;
 * a buffer goes back only when no write reads from it. `onStored` is told only after the write returned.
 */
export class PieceIntake {
  readonly #options: IntakeOptions;
  readonly #geometry: Geometry;
  readonly #buffers = new Map<PieceIndex, Uint8Array>();
  /** Verified, waiting for their write. */
  readonly #verified: PieceIndex[] = [];
  readonly #writes = new Set<Promise<void>>();
  #spaceRetry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#geometry = options.store.geometry;
  }

  /** The block's place in its piece's buffer. */
  place(block: Block): Uint8Array {
    let buffer = this.#buffers.get(block.piece);
    if (buffer === undefined) {
      buffer = this.#options.pool.take();
      this.#buffers.set(block.piece, buffer);
    }
    return buffer.subarray(block.offsetBytes, block.offsetBytes + block.lengthBytes);
  }

  /** All blocks are in place. */
  verify(piece: PieceIndex): void {
    if (this.#options.verify(piece, this.#bytes(piece))) {
      this.#verified.push(piece);
      this.#write();
    } else {
      this.release(piece);
      this.#options.onBad(piece);
    }
  }

  /** Nobody works on the piece any more. */
  release(piece: PieceIndex): void {
    const buffer = this.#buffers.get(piece);
    if (buffer === undefined) return;
    this.#buffers.delete(piece);
    this.#options.pool.give(buffer);
  }

  /** Resolves when no write is under way; what was only verified is given up. Nothing is told any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#spaceRetry);
    this.#verified.length = 0;
    await Promise.all(this.#writes);
    for (const piece of [...this.#buffers.keys()]) this.release(piece);
  }

  #write(): void {
    if (this.#verified.length === 0 || this.#writes.size >= WRITES_IN_FLIGHT || this.#spaceRetry !== undefined) return;
    const pieces = this.#verified.splice(0);
    const writing: Promise<void> = Promise.all(pieces.map((piece) => this.#writeOne(piece)))
      .then(() => undefined)
      .finally(() => {
        this.#writes.delete(writing);
        if (!this.#closed) this.#write();
      });
    this.#writes.add(writing);
  }

  async #writeOne(piece: PieceIndex): Promise<void> {
    try {
      await this.#options.store.writePiece(piece, this.#bytes(piece));
    } catch (error) {
      if (!this.#closed) this.#onFailed(piece, error);
      return;
    }
    this.release(piece);
    if (this.#closed) return;
    this.#spaceEnded();
    this.#options.onStored(piece);
  }

  #onFailed(piece: PieceIndex, error: unknown): void {
    if (!(error instanceof StoreError && error.failure === 'no_space')) {
      this.release(piece);
      this.#options.onWriteFailed(piece, error);
      return;
    }
    this.#verified.unshift(piece);
    if (this.#spaceRetry !== undefined) return;
    this.#options.onSpace(error);
    this.#spaceRetry = setTimeout(() => {
      this.#spaceRetry = undefined;
      this.#write();
    }, SPACE_RETRY_MS);
    this.#waitsForSpace = true;
  }

  #waitsForSpace = false;

  #spaceEnded(): void {
    if (!this.#waitsForSpace) return;
    this.#waitsForSpace = false;
    this.#options.onSpace(undefined);
  }

  #bytes(piece: PieceIndex): Uint8Array {
    return this.#buffers.get(piece)!.subarray(0, this.#geometry.pieceLengthBytes(piece));
  }
}
