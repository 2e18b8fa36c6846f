import type { PieceIndex } from '@peerage/bittorrent';
import type { TransferState } from './transfer-state.ts';

const MOST_NAMED = 5;

export interface Unavailable {
  /** Pieces that are lacked and that nobody who is connected has. */
  readonly count: number;
  readonly first: readonly PieceIndex[];
}

/** One step a piece: for who asks why nothing comes. */
export function unavailablePieces(state: TransferState): Unavailable {
  const first: PieceIndex[] = [];
  let count = 0;
  for (const piece of state.geometry.pieces()) {
    if (!state.lacks(piece) || state.availability.count(piece) > 0) continue;
    count++;
    if (first.length < MOST_NAMED) first.push(piece);
  }
  return { count, first };
}
