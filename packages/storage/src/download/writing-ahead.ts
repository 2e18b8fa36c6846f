import { Bitfield, type Geometry, type PieceIndex } from '@peerage/bittorrent';
import type { JournalFile } from './journal-file.ts';
import { lostLine, writingRangeLine } from './journal-lines.ts';

/** Pieces named by one line where they come in the order of the file, or in runs not far from each other. */
const AHEAD_PIECES = 16;

/**
 * Says in the journal which pieces are about to be written. Where pieces come in the order of the file one line names several, also some that are still to come: a line for each piece costs as
 * much as writing the piece, and a piece that was named and never came costs only being read once more after a kill.
 *
 * Always true: a piece in `#named` is in the journal, or `#saying` is about to put it there.
 */
export class WritingAhead {
  readonly #geometry: Geometry;
  readonly #journal: Pick<JournalFile, 'append'>;
  readonly #named: Bitfield;
  #saying: Promise<void> = Promise.resolve();

  constructor(geometry: Geometry, journal: Pick<JournalFile, 'append'>) {
    this.#geometry = geometry;
    this.#journal = journal;
    this.#named = Bitfield.empty(geometry);
  }

  /** Resolves when the operating system has a line that names the piece. `have`: what needs no line. Rejects as the journal does; the next call says it again. */
  say(piece: PieceIndex, have: Bitfield): Promise<void> {
    if (this.#named.has(piece)) return this.#saying;
    const last = this.#lastOf(piece, have);
    for (let index: number = piece; index <= last; index++) this.#named.set(index as PieceIndex);
    const saying = this.#journal.append(writingRangeLine(piece, last)).catch((cause: unknown) => {
      for (const index of this.#geometry.pieces()) this.#named.clear(index);
      throw cause;
    });
    this.#saying = saying;
    return saying;
  }

  /** It was lost: what was said of it does not hold any more. */
  forget(piece: PieceIndex): void {
    this.#named.clear(piece);
  }

  /** The download stops: what never came needs not to be read again by the next one. */
  async takeBack(have: Bitfield): Promise<void> {
    let lines = '';
    for (const piece of this.#geometry.pieces()) {
      if (!this.#named.has(piece) || have.has(piece)) continue;
      this.#named.clear(piece);
      lines += lostLine(piece);
    }
    if (lines !== '') await this.#journal.append(lines);
  }

  #lastOf(piece: PieceIndex, have: Bitfield): PieceIndex {
    const isKnown = (index: PieceIndex) => this.#named.has(index) || have.has(index);
    let isInOrder = false;
    for (let index = Math.max(0, piece - AHEAD_PIECES); index < piece && !isInOrder; index++) {
      isInOrder = isKnown(index as PieceIndex);
    }
    let last = piece;
    for (let count = 1; isInOrder && count < AHEAD_PIECES; count++) {
      const next = this.#geometry.piece(last + 1);
      if (next === undefined || isKnown(next)) break;
      last = next;
    }
    return last;
  }
}
