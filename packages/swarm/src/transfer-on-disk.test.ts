import { describe, expect, test } from 'vitest';
import { ofType, ScriptedTransfer, sent } from './testing/scripted-transfer.ts';

describe('a disk that cannot write', () => {
  test('nothing is opened, whole pieces wait, and all goes on when there is space', () => {
    const scripted = new ScriptedTransfer({ pieces: 6 });
    for (const peer of [1, 2]) scripted.join(peer);
    const [first] = scripted.piecesAskedOf(1);
    scripted.deliverAsked(1, { piece: first! });
    scripted.tell({ type: 'store_failed', piece: scripted.verifying.shift()! });
    expect(scripted.transfer.snapshot()).toMatchObject({ isStoreBlocked: true, havePieces: 0 });
    const open = scripted.transfer.snapshot().openPieces;
    scripted.deliverAsked(1);
    scripted.deliverAsked(2);
    expect(scripted.transfer.snapshot().openPieces).toBe(open);
    expect(scripted.verifying).toEqual([]);
    expect(scripted.asked.get(1)).toEqual([]);
    const ready = scripted.tell({ type: 'store_ready' });
    expect(ofType(ready, 'verify_piece')).toHaveLength(open);
    expect(scripted.askedOf(1).length + scripted.askedOf(2).length).toBeGreaterThan(0);
    scripted.complete([1, 2]);
  });

  test('reports about pieces that were not handed over are no news', () => {
    const scripted = new ScriptedTransfer({ pieces: 2 });
    scripted.join(1);
    for (const type of ['piece_stored', 'piece_bad', 'piece_lost'] as const) {
      expect(scripted.tell({ type, piece: scripted.piece(0) })).toEqual([]);
    }
    expect(scripted.transfer.snapshot().havePieces).toBe(0);
  });
});

test('a disk that is behind: with twelve whole pieces not stored nothing new is opened, until it has stored one', () => {
  const scripted = new ScriptedTransfer({ pieces: 32 });
  for (const peer of [1, 2]) scripted.join(peer);
  for (let turn = 0; turn < 32 && scripted.askedOf(1).length + scripted.askedOf(2).length > 0; turn++) {
    for (const peer of [1, 2]) scripted.deliverAsked(peer);
  }
  const { openPieces } = scripted.transfer.snapshot();
  expect(openPieces).toBe(scripted.verifying.length);
  expect(openPieces).toBeGreaterThanOrEqual(12);
  expect(openPieces).toBeLessThan(18);
  while (scripted.verifying.length > 12)
    expect(sent(scripted.store(), 1)).toEqual([expect.objectContaining({ type: 'have' })]);
  scripted.store();
  expect(scripted.askedOf(1).length + scripted.askedOf(2).length).toBeGreaterThan(0);
  scripted.complete([1, 2]);
});

describe('a piece that is lost', () => {
  test('is refused to those who asked for it, and fetched again', () => {
    const scripted = new ScriptedTransfer({ pieces: 2, have: [0, 1], limits: { servedBytes: 16 * 1024 } });
    scripted.join(1, { has: [0], unchokes: false });
    scripted.message(1, { type: 'interested' });
    for (const [piece, ordinal] of [
      [0, 0],
      [0, 1],
      [1, 0],
    ] as const) {
      scripted.message(1, { type: 'request', block: scripted.block(piece, ordinal) });
    }
    const effects = scripted.tell({ type: 'piece_lost', piece: scripted.piece(0) });
    expect(sent(effects, 1)).toEqual([
      { type: 'interested' },
      { type: 'reject_request', block: scripted.block(0, 0) },
      { type: 'reject_request', block: scripted.block(0, 1) },
    ]);
    expect(ofType(effects, 'serve_block').map((effect) => effect.block)).toEqual([scripted.block(1, 0)]);
    expect(scripted.transfer.isComplete).toBe(false);
    scripted.message(1, { type: 'unchoke' });
    scripted.deliverAsked(1);
    expect(ofType(scripted.store(), 'completed')).toEqual([]);
    expect(scripted.transfer.isComplete).toBe(true);
  });
});

describe('pause', () => {
  test('ends all connections and gives the buffers back; nobody is let in until it ends', () => {
    const scripted = new ScriptedTransfer({ pieces: 4 });
    for (const peer of [1, 2]) scripted.join(peer);
    scripted.deliverAsked(1, { count: 32 });
    const [verifying] = scripted.verifying;
    const effects = scripted.tell({ type: 'paused' });
    expect(ofType(effects, 'disconnect').map(({ peer, reason }) => [peer, reason])).toEqual([
      [1, 'paused'],
      [2, 'paused'],
    ]);
    expect(ofType(effects, 'release_piece').length).toBe(2);
    expect(scripted.transfer.snapshot()).toMatchObject({ openPieces: 1, isPaused: true });
    scripted.tell({ type: 'piece_stored', piece: verifying! });
    expect(scripted.transfer.snapshot().havePieces).toBe(1);
    expect(ofType(scripted.tell({ type: 'peer_joined', peer: 3, member: 'm', fast: true }), 'disconnect')).toHaveLength(
      1,
    );
    scripted.tell({ type: 'resumed' });
    scripted.join(4);
    expect(scripted.askedOf(4)).toHaveLength(32);
  });
});

describe('fewer buffers', () => {
  test('pieces that nobody works on give theirs back, the others are finished', () => {
    const scripted = new ScriptedTransfer({ pieces: 8 });
    for (const peer of [1, 2]) {
      scripted.join(peer);
      scripted.deliverAsked(peer, { count: 3 });
    }
    const open = scripted.transfer.snapshot().openPieces;
    expect(ofType(scripted.tell({ type: 'buffer_budget', pieces: 1 }), 'release_piece')).toEqual([]);
    const effects = scripted.tell({ type: 'peer_left', peer: 1 });
    expect(ofType(effects, 'release_piece')).toHaveLength(open / 2);
    scripted.complete([2]);
  });
});

test('a buffer that somebody writes into is not given back before the block is through', () => {
  const scripted = new ScriptedTransfer({ pieces: 1 });
  scripted.join(1);
  const [first, second] = scripted.askedOf(1);
  expect(scripted.transfer.wantsBlock(1, first!)).toBe(true);
  scripted.message(1, { type: 'reject_request', block: second! });
  expect(ofType(scripted.tell({ type: 'buffer_budget', pieces: 0 }), 'release_piece')).toEqual([]);
  const arrived = scripted.tell({ type: 'block_arrived', peer: 1, block: first! });
  expect(ofType(arrived, 'release_piece')).toHaveLength(1);
});

test('a share without a piece is complete from the start', () => {
  const scripted = new ScriptedTransfer({ pieces: 1, lastPieceBytes: 0 });
  expect(scripted.transfer.isComplete).toBe(true);
  expect(ofType(scripted.join(1), 'disconnect')).toMatchObject([{ reason: 'both_seeders' }]);
  expect(scripted.transfer.snapshot()).toMatchObject({ doneBytes: 0, usefulPeers: 0 });
});
