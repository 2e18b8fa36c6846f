import { type Block, type CommonInfo, type Geometry, type PieceIndex, pieceHash } from '@peerage/bittorrent';
import { hasSha1, type PieceStore, StoreError } from '@peerage/storage';
import type { BufferPool } from './buffer-pool.ts';

/** One write is under way while the next one is prepared: more only hold buffers. What waits meanwhile goes in one turn: pieces that follow each other are one write then. */
const WRITES_IN_FLIGHT = 2;
const SPACE_RETRY_MS = 1000;

interface IntakeOptions {
  readonly verify: VerifyPiece;
  /** Asked for each piece: whether its verifying may wait for others. */
  readonly mayWait: () => boolean;
  readonly store: PieceStore;
  readonly pool: BufferPool;
  readonly onStored: (piece: PieceIndex) => void;
  readonly onBad: (piece: PieceIndex) => void;
  /** A good piece could not be written, for a reason that does not pass by itself. */
  readonly onWriteFailed: (piece: PieceIndex, error: unknown) => void;
  /** The disk is full: the pieces at hand are kept and tried again every second; undefined: it goes on. */
  readonly onSpace: (problem: StoreError | undefined) => void;
}

/** Whether these bytes are the piece that the metainfo promises: at once, or where it `mayWait` later, together with others; the bytes stay as they are until then. */
export type VerifyPiece = (piece: PieceIndex, bytes: Uint8Array, mayWait: boolean) => boolean | Promise<boolean>;

interface WholePiece {
  readonly piece: PieceIndex;
  readonly isRight: true | Promise<boolean>;
}

/** Whether these bytes are the piece that the metainfo promises, at once. One call over the whole piece: in parts it takes 40 % longer. */
export function matchesInfo(info: CommonInfo, piece: PieceIndex, bytes: Uint8Array): boolean {
  return hasSha1(bytes, pieceHash(info, piece));
}

/**
 * The way of a piece from the wire to the store. Where its verifying takes a while it is written meanwhile, so that a kill loses no more for it.
 *
 * Always true: an open piece has one buffer of the pool, from its first block until it was stored, was bad, or nobody works on it any more;
 * a buffer goes back only when no write and no verifying reads from it. `onStored` is told only after the write returned and the piece was found right, `onBad` only after the write
 * returned: what comes in its place is not overwritten by it.
 */
export class PieceIntake {
  readonly #options: IntakeOptions;
  readonly #geometry: Geometry;
  readonly #buffers = new Map<PieceIndex, Uint8Array>();
  /** Not known to be bad, waiting for their write. */
  readonly #whole: WholePiece[] = [];
  readonly #writes = new Set<Promise<void>>();
  /** Written, and not verified yet. */
  readonly #judging = new Set<Promise<void>>();
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
    const isRight = this.#options.verify(piece, this.#bytes(piece), this.#options.mayWait());
    if (isRight === false) {
      this.#refuse(piece);
      return;
    }
    this.#whole.push({ piece, isRight });
    this.#write();
  }

  /** Nobody works on the piece any more. */
  release(piece: PieceIndex): void {
    const buffer = this.#buffers.get(piece);
    if (buffer === undefined) return;
    this.#buffers.delete(piece);
    this.#options.pool.give(buffer);
  }

  /** Resolves when no write is under way and what was written is verified; what waits for its write is given up. Nothing is told any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#spaceRetry);
    const waiting = this.#whole.splice(0);
    await Promise.all([...this.#writes, ...waiting.map(({ isRight }) => isRight)]);
    await Promise.all(this.#judging);
    for (const piece of [...this.#buffers.keys()]) this.release(piece);
  }

  #write(): void {
    if (this.#whole.length === 0 || this.#writes.size >= WRITES_IN_FLIGHT || this.#spaceRetry !== undefined) return;
    const pieces = this.#whole.splice(0);
    const writing: Promise<void> = Promise.all(pieces.map((whole) => this.#writeOne(whole)))
      .then(() => undefined)
      .finally(() => {
        this.#writes.delete(writing);
        if (!this.#closed) this.#write();
      });
    this.#writes.add(writing);
  }

  async #writeOne(whole: WholePiece): Promise<void> {
    const { piece, isRight } = whole;
    const { store } = this.#options;
    try {
      if (isRight === true) await store.writePiece(piece, this.#bytes(piece));
      else await store.writeUnverified(piece, this.#bytes(piece));
    } catch (error) {
      if (!(await isRight)) this.#refuse(piece);
      else if (!this.#closed) this.#onFailed(piece, error);
      return;
    }
    if (isRight === true) {
      this.#stored(piece);
      return;
    }
    const judging = isRight.then((right) => {
      this.#judging.delete(judging);
      if (right) {
        store.keepPiece(piece);
        this.#stored(piece);
      } else this.#refuse(piece);
    });
    this.#judging.add(judging);
  }

  #stored(piece: PieceIndex): void {
    this.release(piece);
    if (this.#closed) return;
    this.#spaceEnded();
    this.#options.onStored(piece);
  }

  #refuse(piece: PieceIndex): void {
    this.release(piece);
    if (!this.#closed) this.#options.onBad(piece);
  }

  /** The piece is right. */
  #onFailed(piece: PieceIndex, error: unknown): void {
    if (!(error instanceof StoreError && error.failure === 'no_space')) {
      this.release(piece);
      this.#options.onWriteFailed(piece, error);
      return;
    }
    this.#whole.unshift({ piece, isRight: true });
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
