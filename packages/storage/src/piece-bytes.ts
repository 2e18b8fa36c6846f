import type { Bitfield, Geometry, PieceIndex } from '@peerage/bittorrent';

/** The calls of a piece store that only a defect of the caller makes: RangeError, never a StoreError. */
export function checkReading(
  store: { readonly geometry: Geometry; readonly have: Bitfield },
  piece: PieceIndex,
  into: Uint8Array,
): void {
  checkWriting(store.geometry, piece, into);
  if (!store.have.has(piece)) throw new RangeError(`piece ${piece} is not stored`);
}

export function checkWriting(geometry: Geometry, piece: PieceIndex, bytes: Uint8Array): void {
  const lengthBytes = geometry.pieceLengthBytes(piece);
  if (bytes.length !== lengthBytes)
    throw new RangeError(`piece ${piece} has ${lengthBytes} bytes, not ${bytes.length}`);
}
