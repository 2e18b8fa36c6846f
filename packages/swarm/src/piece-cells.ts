import type { TransferState } from './transfer-state.ts';

/** Neighbouring pieces, told together. */
export interface PieceCell {
  readonly pieces: number;
  /** Stored and verified. */
  readonly have: number;
  /** Asked for, coming in, or being checked. */
  readonly requested: number;
  /** Not wanted: only files that nobody asked for lie in them. */
  readonly skipped: number;
  /** Connected peers that have the rarest of them. */
  readonly availability: number;
}

/** All pieces in order, in at most `most` cells of equal size (but for the last one). One step a piece: for whoever looks, not for every tick. */
export function takePieceCells(state: TransferState, most: number): PieceCell[] {
  const { geometry, have, open, availability, skipped } = state;
  const size = Math.max(1, Math.ceil(geometry.pieceCount / most));
  const cells: PieceCell[] = [];
  for (let from = 0; from < geometry.pieceCount; from += size) {
    const to = Math.min(geometry.pieceCount, from + size);
    const cell = { pieces: to - from, have: 0, requested: 0, skipped: 0, availability: Number.POSITIVE_INFINITY };
    for (let index = from; index < to; index++) {
      const piece = geometry.piece(index)!;
      if (have.has(piece)) cell.have++;
      else if (open.has(piece)) cell.requested++;
      else if (skipped.has(piece)) cell.skipped++;
      cell.availability = Math.min(cell.availability, availability.count(piece));
    }
    cells.push(cell);
  }
  return cells;
}
