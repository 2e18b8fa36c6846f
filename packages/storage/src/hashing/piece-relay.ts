/** In memory that both threads see; is to be sent to them as it is. */
export interface RelayMemory {
  readonly bytes: SharedArrayBuffer;
  /** Two Int32: pieces filled, pieces let go; both only grow. */
  readonly counts: SharedArrayBuffer;
  readonly pieceBytes: number;
}

const FILLED = 0;
const LET_GO = 1;
/** Added to the count of filled pieces when no more will come: a change of what the other thread waits for. */
const NO_MORE = 2 ** 30;

/**
 * Pieces that one thread reads from a file and another one uses as well: in order, through a few places that are used in turn. Always true:
 * a place belongs to the reader from when its last piece was let go until its next one is filled, and is only read by both afterwards.
 */
export class PieceRelay {
  readonly #bytes: Uint8Array;
  readonly #counts: Int32Array;
  readonly #pieceBytes: number;
  readonly #places: number;

  static memory(pieceBytes: number, places: number): RelayMemory {
    return { bytes: new SharedArrayBuffer(pieceBytes * places), counts: new SharedArrayBuffer(8), pieceBytes };
  }

  constructor({ bytes, counts, pieceBytes }: RelayMemory) {
    this.#bytes = new Uint8Array(bytes);
    this.#counts = new Int32Array(counts);
    this.#pieceBytes = pieceBytes;
    this.#places = bytes.byteLength / pieceBytes;
  }

  /** The place for a piece, as soon as the other thread is done with what was there. */
  placeFor(piece: number): Uint8Array {
    this.#waitBeyond(LET_GO, piece - this.#places);
    return this.#place(piece);
  }

  /** All pieces up to this one are in their places. */
  fill(piece: number): void {
    Atomics.store(this.#counts, FILLED, piece + 1);
    Atomics.notify(this.#counts, FILLED);
  }

  /** Nothing comes behind what was filled. */
  noMore(): void {
    Atomics.add(this.#counts, FILLED, NO_MORE);
    Atomics.notify(this.#counts, FILLED);
  }

  /** The next piece's place, as soon as it is filled; undefined where none comes. */
  take(piece: number): Uint8Array | undefined {
    const filled = this.#waitBeyond(FILLED, piece);
    return filled >= NO_MORE && filled - NO_MORE <= piece ? undefined : this.#place(piece);
  }

  /** All pieces up to this one are not needed any more. */
  letGo(piece: number): void {
    Atomics.store(this.#counts, LET_GO, piece + 1);
    Atomics.notify(this.#counts, LET_GO);
  }

  #place(piece: number): Uint8Array {
    const from = (piece % this.#places) * this.#pieceBytes;
    return this.#bytes.subarray(from, from + this.#pieceBytes);
  }

  #waitBeyond(count: typeof FILLED | typeof LET_GO, limit: number): number {
    for (;;) {
      const now = Atomics.load(this.#counts, count);
      if (now > limit) return now;
      Atomics.wait(this.#counts, count, now);
    }
  }
}
