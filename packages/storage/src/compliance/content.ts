import { hash } from 'node:crypto';
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

/** What openDownload asks: the SHA-1 of each piece of `content`. */
export function pieceHashesOf(content: Uint8Array, geometry: Geometry): (piece: PieceIndex) => Uint8Array {
  const hashes = [...geometry.pieces()].map((piece) => hash('sha1', pieceOf(content, geometry, piece), 'buffer'));
  return (piece) => hashes[piece]!;
}
