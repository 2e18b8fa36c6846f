import { BLOCK_BYTES, PIECE_BYTES } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { ofType, ScriptedTransfer, sent } from './testing/scripted-transfer.ts';

const STEP_MS = 20;

/** A transfer, pieces of which peer 1 has sent at 26 MB/s, block by block. */
function fastOf(pieces: number, options: { wholePieces?: boolean; stepMs?: number; lastPieceBytes?: number } = {}) {
  const { wholePieces = true, stepMs = STEP_MS, ...rest } = options;
  const scripted = new ScriptedTransfer({ pieces, ...rest });
  scripted.join(1);
  if (wholePieces) scripted.tell({ type: 'whole_pieces', peer: 1 });
  for (let piece = 0; piece < 12; piece++) bringPiece(scripted, stepMs);
  return scripted;
}

/** Peer 1 sends so much as one piece of what it is asked for. */
function bringPiece(scripted: ScriptedTransfer, stepMs = STEP_MS): void {
  scripted.nowMs += stepMs;
  for (let bytes = 0; bytes < PIECE_BYTES; ) {
    const [next] = scripted.askedOf(1);
    if (next === undefined) return;
    bytes += next.lengthBytes;
    scripted.deliver(1, next);
  }
  while (scripted.verifying.length > 0) scripted.store();
}

const lengthsAskedOf = (scripted: ScriptedTransfer, peer: number) =>
  new Set(scripted.askedOf(peer).map(({ lengthBytes }) => lengthBytes));

describe('a fast connection that takes them', () => {
  test('is asked for whole pieces, and the last one as long as it is', () => {
    const scripted = fastOf(24, { lastPieceBytes: 100_000 });
    expect(lengthsAskedOf(scripted, 1)).toEqual(new Set([PIECE_BYTES]));
    const before = scripted.transfer.snapshot();
    bringPiece(scripted);
    const { havePieces, doneBytes, peers } = scripted.transfer.snapshot();
    expect(havePieces).toBe(before.havePieces + 1);
    expect(doneBytes - before.doneBytes).toBe(PIECE_BYTES);
    expect(peers[0]!.outstandingBlocks).toBe(scripted.askedOf(1).length * 32);
    scripted.complete([1], { stepMs: STEP_MS, count: 1 });
    expect(scripted.transfer.snapshot().sources).toEqual(new Map([['member-1', 23 * PIECE_BYTES + 100_000]]));
  });

  test('is not when it is slow, or does not take them', () => {
    expect(lengthsAskedOf(fastOf(40, { stepMs: 200 }), 1)).toEqual(new Set([BLOCK_BYTES]));
    expect(lengthsAskedOf(fastOf(40, { wholePieces: false }), 1)).toEqual(new Set([BLOCK_BYTES]));
  });

  test('and has not the fast extension is asked for blocks: it could not refuse one', () => {
    const scripted = new ScriptedTransfer({ pieces: 40 });
    scripted.join(1, { fast: false });
    scripted.tell({ type: 'whole_pieces', peer: 1 });
    for (let piece = 0; piece < 12; piece++) bringPiece(scripted);
    expect(lengthsAskedOf(scripted, 1)).toEqual(new Set([BLOCK_BYTES]));
  });

  test('at the end is asked for blocks again', () => {
    const scripted = fastOf(14);
    const lengths = (piece: number) =>
      new Set(scripted.askedOf(1).flatMap((block) => (block.piece === piece ? [block.lengthBytes] : [])));
    expect([lengths(12), lengths(13)]).toEqual([new Set([PIECE_BYTES]), new Set([BLOCK_BYTES])]);
    scripted.complete([1]);
  });

  test('may refuse one: another brings it', () => {
    const scripted = fastOf(30);
    const [whole] = scripted.askedOf(1);
    scripted.message(1, { type: 'reject_request', block: whole! });
    scripted.join(2);
    scripted.complete([2, 1]);
    expect(scripted.transfer.snapshot().sources.get('member-2')).toBeGreaterThan(0);
  });

  test('that leaves in the middle of one has brought nothing of it', () => {
    const scripted = fastOf(30);
    const [whole] = scripted.askedOf(1);
    expect(scripted.transfer.wantsBlock(1, whole!)).toBe(true);
    scripted.tell({ type: 'peer_left', peer: 1 });
    scripted.join(2);
    scripted.complete([2]);
  });
});

describe('a whole piece and blocks of it', () => {
  /** All pieces are asked of peer 1, which has fallen silent; peer 2 is idle, and lacks the last one, which is asked for by blocks. */
  function late() {
    const scripted = fastOf(15);
    const { asked, nowMs } = scripted;
    expect(asked.get(1)!.some(({ lengthBytes }) => lengthBytes === PIECE_BYTES)).toBe(true);
    scripted.join(2, { has: Array.from({ length: 14 }, (_, piece) => piece) });
    scripted.nowMs = nowMs + 100;
    return scripted;
  }

  test('no copy is asked for while it is no more than a moment late', () => {
    const scripted = late();
    scripted.tick(200);
    expect(scripted.askedOf(2)).toEqual([]);
  });

  test('later the first block of another takes the whole one back; what comes of it all the same is passed over', () => {
    const scripted = late();
    scripted.tick(1_000);
    scripted.tick(1_000);
    const [copy] = scripted.askedOf(2);
    expect(copy?.lengthBytes).toBe(BLOCK_BYTES);
    const whole = scripted
      .askedOf(1)
      .find(({ piece, lengthBytes }) => piece === copy!.piece && lengthBytes > BLOCK_BYTES)!;
    const effects = scripted.deliver(2, copy!);
    expect(sent(effects, 1)).toContainEqual({ type: 'cancel', block: whole });
    expect(scripted.transfer.wantsBlock(1, whole)).toBe(false);
    scripted.tell({ type: 'block_unwanted', peer: 1, block: whole });
    scripted.complete([2, 1]);
  });

  test('while it is being received nobody else writes there; arrived, the copies are taken back', () => {
    const scripted = late();
    scripted.tick(1_000);
    scripted.tick(1_000);
    const [copy] = scripted.askedOf(2);
    const whole = scripted
      .askedOf(1)
      .find(({ piece, lengthBytes }) => piece === copy!.piece && lengthBytes > BLOCK_BYTES)!;
    expect(scripted.transfer.wantsBlock(1, whole)).toBe(true);
    expect(scripted.transfer.wantsBlock(2, copy!)).toBe(false);
    const effects = scripted.deliver(1, whole);
    expect(sent(effects, 2)).toContainEqual({ type: 'cancel', block: copy! });
    expect(ofType(effects, 'verify_piece')).toEqual([{ type: 'verify_piece', piece: whole.piece }]);
    scripted.complete([1, 2]);
  });

  test('a connection that stops in the middle of one ends where another can go on', () => {
    const scripted = late();
    const [first] = scripted.askedOf(1);
    expect(scripted.transfer.wantsBlock(1, first!)).toBe(true);
    const effects = scripted.tick(9_000);
    expect(ofType(effects, 'disconnect').map(({ peer, reason }) => [peer, reason])).toEqual([[1, 'idle']]);
    scripted.join(3);
    scripted.complete([2, 3]);
  });
});

test('whole pieces are served, and taken back while they wait', () => {
  const scripted = new ScriptedTransfer({ pieces: 4, have: [0, 1, 2, 3] });
  scripted.tell({ type: 'peer_joined', peer: 1, member: 'm', fast: true });
  scripted.tell({ type: 'whole_pieces', peer: 1 });
  scripted.message(1, { type: 'have_none' });
  scripted.message(1, { type: 'interested' });
  const whole = (piece: number) => scripted.geometry.wholePiece(piece, 0, PIECE_BYTES)!;
  const served = scripted.message(1, { type: 'request', block: whole(0) });
  expect(ofType(served, 'serve_block')).toEqual([{ type: 'serve_block', peer: 1, block: whole(0) }]);
  scripted.message(1, { type: 'request', block: whole(1) });
  const cancelled = scripted.message(1, { type: 'cancel', block: whole(1) });
  expect(sent(cancelled, 1)).toContainEqual({ type: 'reject_request', block: whole(1) });
  scripted.tell({ type: 'block_sent', peer: 1, block: whole(0) });
  expect(scripted.transfer.snapshot().peers[0]!.upBytes).toBe(PIECE_BYTES);
});

test('one that nobody asked for counts like its blocks', () => {
  const scripted = new ScriptedTransfer({ pieces: 4 });
  scripted.join(1);
  const whole = scripted.geometry.wholePiece(3, 0, PIECE_BYTES)!;
  const ends = () => ofType(scripted.deliver(1, whole), 'disconnect').map(({ reason }) => reason);
  expect([ends(), ends(), ends()]).toEqual([[], [], ['protocol']]);
});

test('no more of them wait than of blocks: 8 MiB', () => {
  const pieces = Array.from({ length: 40 }, (_, piece) => piece);
  const scripted = new ScriptedTransfer({ pieces: 40, have: pieces });
  scripted.tell({ type: 'peer_joined', peer: 1, member: 'm', fast: true });
  scripted.message(1, { type: 'have_none' });
  scripted.message(1, { type: 'interested' });
  const whole = (piece: number) => scripted.geometry.wholePiece(piece, 0, PIECE_BYTES)!;
  const answers = pieces.flatMap((piece) => scripted.message(1, { type: 'request', block: whole(piece) }));
  const taken = ofType(answers, 'serve_block').length;
  expect(taken).toBeGreaterThan(0);
  expect(sent(answers, 1).filter(({ type }) => type === 'reject_request')).toHaveLength(40 - 16 - taken);
});
