import { Geometry, type PieceIndex } from '@peerage/bittorrent';
import type { DownloadStore } from '../download/download-store.ts';
import type { DownloadPlan } from '../download/open-download.ts';
import { pieceHashesOf, pieceOf } from './content.ts';

/** A download of `content` to a path, its journal beside it. */
export function planFor(content: Uint8Array, destination: string): DownloadPlan {
  const geometry = new Geometry(content.length);
  return {
    infoHash: '0123456789abcdef0123456789abcdef01234567',
    geometry,
    destination,
    journal: `${destination}.journal`,
    pieceHash: pieceHashesOf(content, geometry),
  };
}

/** Writes these pieces of `content`, or all of them, one after the other. */
export async function writePieces(
  store: DownloadStore,
  content: Uint8Array,
  pieces?: readonly number[],
): Promise<void> {
  for (const piece of (pieces as readonly PieceIndex[] | undefined) ?? store.geometry.pieces()) {
    await store.writePiece(piece, pieceOf(content, store.geometry, piece));
  }
}

export const heldBy = (store: DownloadStore): PieceIndex[] =>
  [...store.geometry.pieces()].filter((piece) => store.have.has(piece));
