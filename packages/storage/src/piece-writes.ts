import type { Bitfield, PieceIndex } from '@peerage/bittorrent';
import { checkWriting } from './piece-bytes.ts';

/** What a store does with a piece; the order is kept here. */
export interface PieceWork {
  /** Throws where the store is closed. */
  refuseClosed(): void;
  /** All that has to end before the piece counts as written. */
  write(piece: PieceIndex, bytes: Uint8Array): readonly Promise<void>[];
  /** `have` holds it from now on. */
  onKept(piece: PieceIndex): void;
}

/**
 * The pieces of a download on their way to the disk, and back where they turned out to be wrong there. Always true:
 * - with one piece one thing is done at a time: nothing is written to a piece that `have` holds, and what is lost is lost before it is written again;
 * - nothing is kept once the store is closed.
 */
export class PieceWrites {
  readonly #have: Bitfield;
  readonly #work: PieceWork;
  readonly #turns = new Map<PieceIndex, Promise<void>>();
  readonly #unverified = new Set<PieceIndex>();
  #isClosed = false;

  constructor(have: Bitfield, work: PieceWork) {
    this.#have = have;
    this.#work = work;
  }

  write(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    return this.#write(piece, bytes, () => this.#keep(piece));
  }

  writeUnverified(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    return this.#write(piece, bytes, () => this.#unverified.add(piece));
  }

  keep(piece: PieceIndex): void {
    if (this.#isClosed) return;
    if (!this.#unverified.delete(piece) && !this.#have.has(piece))
      throw new RangeError(`piece ${piece} was not written`);
    this.#keep(piece);
  }

  /** `work` takes it out of `have`, after what was begun with it before. */
  async lose(piece: PieceIndex, work: () => Promise<void>): Promise<void> {
    this.#work.refuseClosed();
    await this.#inTurn(piece, () => {
      this.#unverified.delete(piece);
      return work();
    });
  }

  /** The store closes: resolves when whatever was begun has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#turns.size > 0) await Promise.allSettled(this.#turns.values());
  }

  #keep(piece: PieceIndex): void {
    if (this.#have.set(piece)) this.#work.onKept(piece);
  }

  async #write(piece: PieceIndex, bytes: Uint8Array, onWritten: () => void): Promise<void> {
    checkWriting(this.#have.geometry, piece, bytes);
    this.#work.refuseClosed();
    await this.#inTurn(piece, async () => {
      if (this.#have.has(piece)) return;
      // The caller may use the buffer again as soon as it is answered: not before all have ended.
      for (const result of await Promise.allSettled(this.#work.write(piece, bytes))) {
        if (result.status === 'rejected') throw result.reason;
      }
      onWritten();
    });
  }

  /** At once where nothing else is done with the piece: writes of one turn of the event loop go to the disk together. */
  #inTurn(piece: PieceIndex, work: () => Promise<void>): Promise<void> {
    const turn = this.#turns.get(piece)?.then(work, work) ?? work();
    const ended = () => {
      if (this.#turns.get(piece) === turn) this.#turns.delete(piece);
    };
    this.#turns.set(piece, turn);
    turn.then(ended, ended);
    return turn;
  }
}
