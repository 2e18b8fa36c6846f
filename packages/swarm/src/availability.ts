import { Bitfield, type Geometry, type PieceIndex } from '@peerage/bittorrent';

/**
 * How many connected peers have each piece, and which pieces are wanted (lacked and not open), ordered by that number.
 *
 * Always true: `#order` holds every wanted piece once, bucket by bucket: the pieces that `a` partial peers have are
 * `#order[#starts[a] … #starts[a + 1])`; `#place[piece]` is its position there, or −1. A seeder is one number, not a bit in each piece:
 * a seeder that joins costs nothing. Moving a piece one level is one swap; wanting or taking one shifts one piece a level.
 */
export class Availability {
  /** Lacked and not open. Read only outside this class. */
  readonly wanted: Bitfield;
  readonly #counts: Uint16Array;
  readonly #order: Uint32Array;
  readonly #place: Int32Array;
  #starts: number[] = [0, 0];
  #seeders = 0;
  #firstWantedHint = 0;

  constructor(geometry: Geometry) {
    this.wanted = Bitfield.empty(geometry);
    this.#counts = new Uint16Array(geometry.pieceCount);
    this.#order = new Uint32Array(geometry.pieceCount);
    this.#place = new Int32Array(geometry.pieceCount).fill(-1);
  }

  /** Connected peers that have the piece. */
  count(piece: PieceIndex): number {
    return this.#seeders + this.#counts[piece]!;
  }

  /** Connected peers counted piece by piece, that have the piece. */
  partialCount(piece: PieceIndex): number {
    return this.#counts[piece]!;
  }

  addSeeder(): void {
    this.#seeders++;
  }

  removeSeeder(): void {
    this.#seeders--;
  }

  /** One more partial peer has the piece. */
  gain(piece: PieceIndex): void {
    const level = this.#counts[piece]!++;
    if (this.#place[piece] === -1) return;
    this.#reach(level + 1);
    const last = this.#starts[level + 1]! - 1;
    this.#swap(this.#place[piece]!, last);
    this.#starts[level + 1]!--;
  }

  /** One partial peer less has the piece. */
  lose(piece: PieceIndex): void {
    const level = this.#counts[piece]!--;
    if (this.#place[piece] === -1) return;
    this.#swap(this.#place[piece]!, this.#starts[level]!);
    this.#starts[level]!++;
  }

  /** The piece is to be opened some time. */
  want(piece: PieceIndex): void {
    if (!this.wanted.set(piece)) return;
    if (piece < this.#firstWantedHint) this.#firstWantedHint = piece;
    const level = this.#counts[piece]!;
    this.#reach(level);
    let hole = this.#starts[this.#starts.length - 1]!++;
    for (let above = this.#starts.length - 2; above > level; above--) {
      const first = this.#starts[above]!++;
      if (first !== hole) this.#put(this.#order[first]!, hole);
      hole = first;
    }
    this.#put(piece, hole);
  }

  /** The piece was opened or is stored. */
  unwant(piece: PieceIndex): void {
    if (!this.wanted.clear(piece)) return;
    let hole = this.#place[piece]!;
    this.#place[piece] = -1;
    for (let level = this.#counts[piece]!; level < this.#starts.length - 1; level++) {
      const last = --this.#starts[level + 1]!;
      if (last !== hole) this.#put(this.#order[last]!, hole);
      hole = last;
    }
  }

  /**
   * Whole copies of what is wanted among the connected peers, and of the next one the part that is there; null where nothing is wanted. Below 1 some
   * piece is with nobody.
   */
  get copies(): number | null {
    const { count } = this.wanted;
    if (count === 0) return null;
    let least = 0;
    while (this.#starts[least + 1] === 0) least++;
    return this.#seeders + least + (count - this.#starts[least + 1]!) / count;
  }

  /** Levels that exist: pieces with `level` partial peers are at positions `levelStart(level)` to `levelStart(level + 1)` − 1. */
  get levelCount(): number {
    return this.#starts.length - 1;
  }

  levelStart(level: number): number {
    return this.#starts[level]!;
  }

  /** The wanted piece at a position of the order. */
  at(position: number): PieceIndex {
    return this.#order[position]! as PieceIndex;
  }

  /** The wanted piece that comes first in the file. */
  firstWanted(): PieceIndex | undefined {
    if (this.wanted.count === 0) return undefined;
    let index = this.#firstWantedHint;
    while (!this.wanted.has(index as PieceIndex)) index++;
    this.#firstWantedHint = index;
    return index as PieceIndex;
  }

  #reach(level: number): void {
    while (this.#starts.length < level + 2) this.#starts.push(this.#starts[this.#starts.length - 1]!);
  }

  #put(piece: number, position: number): void {
    this.#order[position] = piece;
    this.#place[piece] = position;
  }

  #swap(left: number, right: number): void {
    if (left === right) return;
    const leftPiece = this.#order[left]!;
    this.#put(this.#order[right]!, left);
    this.#put(leftPiece, right);
  }
}
