import { expect, test } from 'vitest';
import { ofType, ScriptedTransfer, sent } from './testing/scripted-transfer.ts';

test('pieces that nobody wants are never asked for, and it is complete without them', () => {
  const scripted = new ScriptedTransfer({ pieces: 6, skip: [0, 3, 4] });
  scripted.join(1);
  scripted.complete([1]);
  expect(scripted.transfer.snapshot()).toMatchObject({ havePieces: 3, usefulPeers: 0 });
  expect(scripted.transfer.isComplete).toBe(true);
  // To others it is one who has some of the pieces, and serves those.
  const effects = scripted.join(2, { has: [0, 5] });
  expect(sent(effects, 2)[0]).toMatchObject({ type: 'bitfield', bits: scripted.field([1, 2, 5]).bytes });
  expect(sent(effects, 2).some((message) => message.type === 'interested')).toBe(false);
});

test('who has only what nobody wants is of no use, and stays connected for what he lacks', () => {
  const scripted = new ScriptedTransfer({ pieces: 4, skip: [0, 1] });
  const effects = scripted.join(1, { has: [0, 1] });
  expect(sent(effects, 1).some((message) => message.type === 'interested')).toBe(false);
  expect(ofType(effects, 'disconnect')).toEqual([]);
  expect(scripted.transfer.snapshot().usefulPeers).toBe(0);
});

test('once it has all it wants, whoever has everything is let go', () => {
  const scripted = new ScriptedTransfer({ pieces: 3, have: [1], skip: [0, 2] });
  expect(ofType(scripted.join(1), 'disconnect')).toMatchObject([{ peer: 1, reason: 'both_seeders' }]);
});

test('a stored piece is had, also where it was skipped', () => {
  const scripted = new ScriptedTransfer({ pieces: 3, have: [0, 1], skip: [0, 1] });
  expect(scripted.transfer.isComplete).toBe(false);
  scripted.join(1);
  expect(scripted.piecesAskedOf(1)).toEqual([2]);
});
