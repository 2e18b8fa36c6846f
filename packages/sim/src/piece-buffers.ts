import type { Block, Geometry, PieceIndex } from '@peerage/bittorrent';

/** What lies in the place of a block: nothing whole, the right bytes, or wrong ones. */
type Place = 'torn' | 'right' | 'wrong';

/** The buffers of a peer's open pieces: of each block only whether its bytes are right. */
export class PieceBuffers {
  readonly #geometry: Geometry;
  readonly #places = new Map<PieceIndex, Place[]>();

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
  }

  put({ piece, offsetBytes, lengthBytes }: Block, place: Place): void {
    let places = this.#places.get(piece);
    if (places === undefined) {
      places = [];
      this.#places.set(piece, places);
    }
    const { blockBytes } = this.#geometry;
    const first = offsetBytes / blockBytes;
    for (let at = 0; at < lengthBytes; at += blockBytes) places[first + at / blockBytes] = place;
  }

  /** Every byte of the piece is there and right. */
  isGood(piece: PieceIndex): boolean {
    const places = this.#places.get(piece);
    return places?.length === this.#geometry.blockCount(piece) && places.every((place) => place === 'right');
  }

  /** Something in it is not right; what was released is not spoiled. */
  isSpoiled(piece: PieceIndex): boolean {
    return this.#places.get(piece)?.some((place) => place !== 'right') ?? false;
  }

  release(piece: PieceIndex): void {
    this.#places.delete(piece);
  }

  clear(): void {
    this.#places.clear();
  }
}
