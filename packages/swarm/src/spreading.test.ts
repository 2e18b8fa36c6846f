import { expect, test } from 'vitest';
import { assign, bestReceiver } from './spreading.ts';
import { ScriptedTransfer } from './testing/scripted-transfer.ts';

const PIECES = 8;

function seeder() {
  const scripted = new ScriptedTransfer({ pieces: PIECES, have: Array.from({ length: PIECES }, (_, index) => index) });
  for (const peer of [1, 2, 3]) scripted.join(peer, { has: [], unchokes: false });
  const { state } = scripted.transfer;
  const session = (peer: number) => state.sessions.get(peer)!;
  return {
    give: (peer: number, piece: number) => {
      assign(state, session(peer), scripted.piece(piece));
      scripted.message(peer, { type: 'have', piece: scripted.piece(piece) });
    },
    turnsUp: (peer: number, piece: number) => scripted.message(peer, { type: 'have', piece: scripted.piece(piece) }),
    best: (...peers: number[]) => bestReceiver(state, peers.map(session))!.peer,
  };
}

test('who was seen to pass a piece on comes before who was never tried', () => {
  const { give, turnsUp, best } = seeder();
  give(1, 0);
  expect(best(1, 2)).toBe(2);
  turnsUp(3, 0);
  expect(best(1, 2)).toBe(1);
});

test('who passed on before and now keeps more than others comes after them', () => {
  const { give, turnsUp, best } = seeder();
  give(1, 0);
  turnsUp(3, 0);
  expect(best(1, 2)).toBe(1);
  give(1, 1);
  expect(best(1, 2)).toBe(2);
});

test('what another was given, too, is no proof', () => {
  const { give, best } = seeder();
  give(1, 0);
  give(2, 0);
  // Neither keeps anything that the other has not, and 3, who was never tried, lacks more.
  expect(best(1, 3)).toBe(3);
});
