import { createHash } from 'node:crypto';
import type { Geometry, PieceIndex } from '@peerage/bittorrent';

/** Bytes that differ from piece to piece and from seed to seed. */
export function contentOf(sizeBytes: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let state = seed * 0x9e3779b9 + 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}

export function pieceOf(content: Uint8Array, geometry: Geometry, piece: PieceIndex): Uint8Array {
  const offsetBytes = geometry.pieceOffsetBytes(piece);
  return content.subarray(offsetBytes, offsetBytes + geometry.pieceLengthBytes(piece));
}

/** What openDownload asks: whether bytes are what `content` has in that place, by SHA-1 as in the product. */
export function verifierOf(content: Uint8Array, geometry: Geometry) {
  const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');
  const hashes = [...geometry.pieces()].map((piece) => sha1(pieceOf(content, geometry, piece)));
  return (piece: PieceIndex, bytes: Uint8Array): boolean => sha1(bytes) === hashes[piece];
}
