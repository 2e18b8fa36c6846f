import { expect, test } from 'vitest';
import { ScriptedTransfer } from './testing/scripted-transfer.ts';

test('every piece is in one cell, with what is stored, asked for, and had by others', () => {
  const scripted = new ScriptedTransfer({ pieces: 9 });
  expect(scripted.transfer.pieceCells(100)).toEqual(
    Array.from({ length: 9 }, () => ({ pieces: 1, have: 0, requested: 0, skipped: 0, availability: 0 })),
  );
  scripted.join(1);
  const [asked] = scripted.piecesAskedOf(1);
  scripted.deliverAsked(1, { piece: asked! });
  scripted.tell({ type: 'piece_stored', piece: scripted.verifying.shift()! });
  const cells = scripted.transfer.pieceCells(4);
  expect(cells.map(({ pieces }) => pieces)).toEqual([3, 3, 3]);
  expect(cells.reduce((sum, { have }) => sum + have, 0)).toBe(1);
  expect(cells.reduce((sum, { requested }) => sum + requested, 0)).toBe(scripted.transfer.snapshot().openPieces);
  expect(cells.every(({ availability }) => availability === 1)).toBe(true);
});
