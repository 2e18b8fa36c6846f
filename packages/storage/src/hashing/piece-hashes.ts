import type { HashPlan, HashResult } from './hash-plan.ts';
import { Sha1, sha1OfEach, updateTogether } from './sha1.ts';

/** The hashes of one job over a file, whose pieces are added in its order. */
export class PieceHashes {
  readonly #sha1s: Uint8Array;
  readonly #pieceCount: number;
  readonly #whole: Sha1 | undefined;
  /** Where the pieces' begin in `#sha1s`; undefined where only the whole file's is wanted. */
  readonly #piecesAt: number | undefined;
  #pieces = 0;

  constructor(want: HashPlan['want'], pieceCount: number) {
    this.#pieceCount = pieceCount;
    this.#whole = want === 'pieces' ? undefined : new Sha1();
    this.#piecesAt = want === 'file' ? undefined : this.#whole ? 20 : 0;
    this.#sha1s = new Uint8Array((this.#whole ? 20 : 0) + (want === 'file' ? 0 : 20 * pieceCount));
  }

  /** The pieces that come next, each whole. */
  add(pieces: readonly Uint8Array[]): void {
    for (const [at, sha1] of this.#hash(pieces).entries()) {
      this.#sha1s.set(sha1, (this.#piecesAt ?? 0) + (this.#pieces + at) * 20);
    }
    this.#pieces += pieces.length;
  }

  /** To be asked once, after the last piece that there is. */
  result(): HashResult {
    if (this.#whole && this.#pieces === this.#pieceCount) this.#sha1s.set(this.#whole.digest());
    return { sha1s: this.#sha1s, pieces: this.#pieces };
  }

  #hash(pieces: readonly Uint8Array[]): Uint8Array[] {
    const whole = this.#whole;
    if (whole === undefined) return sha1OfEach(pieces);
    if (this.#piecesAt === undefined) {
      for (const bytes of pieces) whole.update(bytes);
      return [];
    }
    return pieces.map((bytes) => {
      const piece = new Sha1();
      updateTogether([piece, whole], [bytes, bytes]);
      return piece.digest();
    });
  }
}
