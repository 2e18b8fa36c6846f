import { describe, expect, test } from 'vitest';
import { ofType, ScriptedTransfer, sent } from './testing/scripted-transfer.ts';

describe('a connection that sends nothing', () => {
  test('gives its pieces to another after some seconds; a late block is not taken', () => {
    const scripted = new ScriptedTransfer({ pieces: 3, buffers: 2 });
    scripted.join(1);
    scripted.deliverAsked(1, { count: 10 });
    const [late] = scripted.askedOf(1);
    scripted.nowMs += 3_000;
    scripted.join(2);
    expect(scripted.askedOf(2)).toEqual([]);
    scripted.tick(6_000);
    expect(scripted.askedOf(1)).toEqual([]);
    expect(scripted.askedOf(2)).toHaveLength(22);
    expect(scripted.transfer.wantsBlock(1, late!)).toBe(false);
    scripted.deliverAsked(2, { piece: late!.piece });
    scripted.store();
    expect(scripted.transfer.snapshot().sources).toEqual(
      new Map([
        ['member-1', 10 * 16_384],
        ['member-2', 22 * 16_384],
      ]),
    );
  });

  test('keeps them where nobody else can go on', () => {
    const scripted = new ScriptedTransfer({ pieces: 3 });
    scripted.join(1);
    scripted.join(2, { unchokes: false });
    scripted.tick(60_000);
    expect(scripted.askedOf(1)).toHaveLength(32);
  });

  test('in the middle of a block: it is closed, so that another can write there', () => {
    const scripted = new ScriptedTransfer({ pieces: 1 });
    scripted.join(1);
    const [block] = scripted.askedOf(1);
    expect(scripted.transfer.wantsBlock(1, block!)).toBe(true);
    scripted.join(2);
    const effects = scripted.tick(9_000);
    expect(ofType(effects, 'disconnect')).toMatchObject([
      { peer: 1, reason: 'idle', detail: 'stopped in the middle of a block' },
    ]);
    expect(scripted.askedOf(2)).toHaveLength(32);
  });

  test('is asked again where it is the last one left', () => {
    const scripted = new ScriptedTransfer({ pieces: 3 });
    for (const peer of [1, 2]) scripted.join(peer);
    scripted.deliverAsked(2);
    scripted.tick(7_000);
    scripted.deliverAsked(2);
    scripted.tick(2_000);
    expect(scripted.askedOf(1)).toEqual([]);
    scripted.tell({ type: 'peer_left', peer: 2 });
    expect(scripted.askedOf(1).length).toBeGreaterThan(0);
  });

  test('and says nothing at all for three minutes is closed; we ourselves say something in time', () => {
    const scripted = new ScriptedTransfer({ pieces: 1 });
    scripted.join(1, { has: [] });
    expect(sent(scripted.tick(100_000), 1)).toEqual([{ type: 'keep_alive' }]);
    expect(ofType(scripted.tick(80_000), 'disconnect')).toMatchObject([{ reason: 'idle' }]);
  });
});

describe('endgame', () => {
  /** The last piece is with a slow peer; another, fast and with nothing to do. */
  const slowAndFast = () => {
    const scripted = new ScriptedTransfer({ pieces: 6, buffers: 8 });
    scripted.join(1);
    for (let turn = 0; turn < 20; turn++) {
      scripted.nowMs += 200;
      scripted.deliverAsked(1, { count: 1 });
    }
    scripted.join(2);
    const isShared = () => scripted.askedOf(2).some((block) => scripted.piecesAskedOf(1).includes(block.piece));
    for (let turn = 0; turn < 200 && !isShared(); turn++) {
      scripted.nowMs += 5;
      scripted.deliverAsked(2, { count: 1 });
    }
    return scripted;
  };

  test('an idle fast peer is asked for the last blocks of a slow one, from the back; the copy that is late is cancelled', () => {
    const scripted = slowAndFast();
    const shared = scripted.piecesAskedOf(1).find((piece) => scripted.piecesAskedOf(2).includes(piece))!;
    expect(shared).toBeDefined();
    const copy = scripted.askedOf(2).find((block) => block.piece === shared)!;
    expect(copy.offsetBytes).toBe(31 * 16_384);
    scripted.nowMs += 5;
    const slowAsked = scripted
      .askedOf(1)
      .some((block) => block.offsetBytes === copy.offsetBytes && block.piece === shared);
    const effects = scripted.deliver(2, copy);
    const cancelled = sent(effects, 1).filter((message) => message.type === 'cancel');
    expect(cancelled).toEqual(slowAsked ? [{ type: 'cancel', block: copy }] : []);
  });

  test('equally fast peers do not double each other', () => {
    const scripted = new ScriptedTransfer({ pieces: 8 });
    for (const peer of [1, 2, 3, 4]) scripted.join(peer);
    scripted.complete([1, 2, 3, 4], { stepMs: 10, count: 1 });
    expect(scripted.transfer.snapshot().wastedBytes).toBe(0);
  });
});

describe('wake_at', () => {
  test('is said once, and sooner only when there is more to watch', () => {
    const scripted = new ScriptedTransfer({ pieces: 3 });
    const joined = scripted.join(1, { unchokes: false });
    expect(ofType(joined, 'wake_at')).toEqual([{ type: 'wake_at', atMs: 5_000 }]);
    expect(ofType(scripted.message(1, { type: 'unchoke' }), 'wake_at')).toEqual([{ type: 'wake_at', atMs: 250 }]);
    expect(ofType(scripted.deliverAsked(1, { count: 5 }), 'wake_at')).toEqual([]);
    expect(ofType(scripted.tick(250), 'wake_at')).toEqual([{ type: 'wake_at', atMs: 500 }]);
  });

  test('is not said without connections', () => {
    const scripted = new ScriptedTransfer({ pieces: 3 });
    expect(scripted.tell({ type: 'resumed' })).toEqual([]);
  });
});
