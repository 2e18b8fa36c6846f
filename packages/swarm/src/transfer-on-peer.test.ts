import { Bitfield, type PeerMessage } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import type { Rules } from './rules.ts';
import { ofType, ScriptedTransfer, sent } from './testing/scripted-transfer.ts';

const types = (messages: readonly PeerMessage[]) => messages.map((message) => message.type);

describe('what is told first', () => {
  const joined = (have: readonly number[], fast: boolean) =>
    sent(new ScriptedTransfer({ pieces: 3, have }).tell({ type: 'peer_joined', peer: 1, member: 'm', fast }), 1);

  test('with the fast extension always one of three', () => {
    expect(joined([], true)).toEqual([{ type: 'have_none' }]);
    expect(joined([0, 1, 2], true)).toEqual([{ type: 'have_all' }]);
    expect(joined([1], true)).toEqual([{ type: 'bitfield', bits: Uint8Array.of(0b0100_0000) }]);
  });

  test('without it a bitfield, or nothing where there is nothing', () => {
    expect(joined([], false)).toEqual([]);
    expect(joined([0, 1, 2], false)).toEqual([{ type: 'bitfield', bits: Uint8Array.of(0b1110_0000) }]);
  });
});

describe('downloading', () => {
  test('interest, then on unchoke 512 KiB of requests: one whole piece in order', () => {
    const scripted = new ScriptedTransfer({ pieces: 3 });
    expect(types(sent(scripted.join(1, { unchokes: false }), 1))).toEqual(['have_none', 'interested']);
    scripted.message(1, { type: 'unchoke' });
    expect(scripted.askedOf(1)).toEqual(Array.from({ length: 32 }, (_, ordinal) => scripted.block(0, ordinal)));
  });

  test('a peer with nothing we lack is of no interest', () => {
    const scripted = new ScriptedTransfer({ pieces: 3, have: [1] });
    expect(types(sent(scripted.join(1, { has: [1] }), 1))).toEqual(['bitfield']);
    expect(types(sent(scripted.message(1, { type: 'have', piece: scripted.piece(2) }), 1))).toContain('interested');
  });

  test('each piece comes from one connection, and all connections work at once', () => {
    const scripted = new ScriptedTransfer({ pieces: 8 });
    for (const peer of [1, 2, 3]) scripted.join(peer);
    const asked = [1, 2, 3].flatMap((peer) => scripted.piecesAskedOf(peer));
    expect(new Set(asked).size).toBe(asked.length);
    for (const peer of [1, 2, 3]) expect(scripted.askedOf(peer)).toHaveLength(32);
  });

  test('the next piece is asked for before the last one is whole', () => {
    const scripted = new ScriptedTransfer({ pieces: 3 });
    scripted.join(1);
    scripted.deliverAsked(1, { count: 7 });
    expect(scripted.askedOf(1)).toHaveLength(25);
    // Had only one piece been granted, a choke would have come by now.
    scripted.deliverAsked(1, { count: 1 });
    expect(scripted.askedOf(1)).toHaveLength(32);
    expect(scripted.askedOf(1).at(-1)).toEqual(scripted.block(1, 7));
  });

  test('a whole piece is verified, and announced only when it is stored', () => {
    const scripted = new ScriptedTransfer({ pieces: 2, lastPieceBytes: 20_000 });
    scripted.join(1);
    const arrived = scripted.deliverAsked(1, { piece: 0 });
    expect(ofType(arrived, 'verify_piece')).toEqual([{ type: 'verify_piece', piece: 0 }]);
    expect(types(sent(arrived, 1))).not.toContain('have');
    expect(types(sent(scripted.store(), 1))).toContain('have');
    scripted.deliverAsked(1);
    const last = scripted.store();
    expect(ofType(last, 'completed')).toHaveLength(1);
    expect(scripted.transfer.isComplete).toBe(true);
    expect(ofType(last, 'disconnect').map((effect) => effect.reason)).toEqual(['both_seeders']);
    expect(scripted.transfer.snapshot()).toMatchObject({
      havePieces: 2,
      doneBytes: 512 * 1024 + 20_000,
      openPieces: 0,
    });
    expect(scripted.transfer.snapshot().sources).toEqual(new Map([['member-1', 512 * 1024 + 20_000]]));
  });

  test('the rarest piece comes first', () => {
    const scripted = new ScriptedTransfer({ pieces: 4 });
    scripted.join(1, { has: [0, 1, 2], unchokes: false });
    scripted.join(2, { has: [0, 1], unchokes: false });
    scripted.join(3, { has: [0, 1, 3], unchokes: false });
    scripted.message(1, { type: 'unchoke' });
    expect(scripted.piecesAskedOf(1)).toEqual([2]);
    scripted.message(2, { type: 'unchoke' });
    expect([[0], [1]]).toContainEqual(scripted.piecesAskedOf(2));
  });

  test('no more pieces are open than there are buffers, and a buffer that gets free is used', () => {
    const scripted = new ScriptedTransfer({ pieces: 8, buffers: 2 });
    for (const peer of [1, 2, 3]) scripted.join(peer);
    expect(scripted.piecesAskedOf(3)).toEqual([]);
    scripted.deliverAsked(1, { count: 32 });
    expect(scripted.transfer.snapshot().openPieces).toBe(2);
    scripted.store();
    expect(scripted.transfer.snapshot().openPieces).toBe(2);
    expect(scripted.piecesAskedOf(3)).toHaveLength(1);
    scripted.tell({ type: 'buffer_budget', pieces: 3 });
    expect(scripted.transfer.snapshot().openPieces).toBe(3);
  });

  test('without a word about buffers nothing is opened', () => {
    const scripted = new ScriptedTransfer({ pieces: 2, buffers: 0 });
    scripted.join(1);
    expect(scripted.askedOf(1)).toEqual([]);
    scripted.tell({ type: 'buffer_budget', pieces: 1 });
    expect(scripted.askedOf(1)).toHaveLength(32);
  });

  test('one connection at a time writes a block, and nobody a block that is there', () => {
    const scripted = new ScriptedTransfer({ pieces: 1 });
    scripted.join(1);
    const block = scripted.block(0, 0);
    expect(scripted.transfer.wantsBlock(2, block)).toBe(false);
    expect(scripted.transfer.wantsBlock(1, { ...block, lengthBytes: 100 })).toBe(false);
    expect(scripted.transfer.wantsBlock(1, { ...block, offsetBytes: 5 })).toBe(false);
    expect(scripted.transfer.wantsBlock(1, block)).toBe(true);
    expect(scripted.transfer.wantsBlock(1, block)).toBe(true);
    scripted.tell({ type: 'block_arrived', peer: 1, block });
    expect(scripted.transfer.wantsBlock(1, block)).toBe(false);
  });
});

describe('when a source fails', () => {
  test('its pieces go on elsewhere with the blocks that are there', () => {
    const scripted = new ScriptedTransfer({ pieces: 1 });
    scripted.join(1);
    scripted.deliverAsked(1, { count: 20 });
    scripted.join(2);
    expect(scripted.askedOf(2)).toEqual([]);
    scripted.tell({ type: 'peer_left', peer: 1 });
    expect(scripted.askedOf(2)).toHaveLength(12);
    scripted.deliverAsked(2);
    scripted.store();
    const half = 512 * 1024;
    expect(scripted.transfer.snapshot().sources).toEqual(
      new Map([
        ['member-1', (half * 20) / 32],
        ['member-2', (half * 12) / 32],
      ]),
    );
  });

  test('a choke without the fast extension voids its requests', () => {
    const scripted = new ScriptedTransfer({ pieces: 1 });
    scripted.join(1, { fast: false });
    scripted.join(2);
    scripted.message(1, { type: 'choke' });
    expect(scripted.askedOf(2)).toHaveLength(32);
  });

  test('with it, what was asked for still comes, until it is refused', () => {
    const scripted = new ScriptedTransfer({ pieces: 1 });
    scripted.join(1);
    scripted.join(2);
    scripted.message(1, { type: 'choke' });
    expect(scripted.askedOf(2)).toEqual([]);
    scripted.deliverAsked(1, { count: 2 });
    for (const block of scripted.askedOf(1)) scripted.message(1, { type: 'reject_request', block });
    expect(scripted.askedOf(2)).toHaveLength(30);
  });

  test('and what was not asked for yet goes on elsewhere', () => {
    const scripted = new ScriptedTransfer({ pieces: 2, buffers: 2 });
    scripted.join(1);
    for (let turn = 0; turn < 40; turn++) {
      scripted.nowMs += 1_000;
      scripted.deliverAsked(1, { count: 1 });
    }
    const [piece] = scripted.piecesAskedOf(1);
    expect(scripted.askedOf(1).length).toBeLessThan(10);
    scripted.message(1, { type: 'choke' });
    scripted.join(2);
    scripted.deliverAsked(1);
    expect(scripted.piecesAskedOf(2)).toEqual([piece]);
    scripted.complete([2]);
    expect(scripted.transfer.snapshot().wastedBytes).toBe(0);
  });

  test('a piece that an unchoked peer refuses is asked of others, and of it again only later', () => {
    const scripted = new ScriptedTransfer({ pieces: 2 });
    scripted.join(1);
    const [first] = scripted.piecesAskedOf(1);
    for (const block of scripted.askedOf(1)) {
      if (block.piece === first) scripted.message(1, { type: 'reject_request', block });
    }
    expect(scripted.piecesAskedOf(1)).toEqual([1 - first!]);
    scripted.deliverAsked(1);
    scripted.store();
    expect(scripted.askedOf(1)).toEqual([]);
    scripted.tick(10_000);
    expect(scripted.piecesAskedOf(1)).toEqual([first]);
  });
});

describe('serving', () => {
  const seeder = (fast = true, limits = {}, rules: Partial<Rules> = {}) => {
    const scripted = new ScriptedTransfer({
      pieces: 40,
      have: Array.from({ length: 39 }, (_, index) => index),
      limits,
      rules,
    });
    scripted.join(1, { has: [], fast, unchokes: false });
    return scripted;
  };

  test('who is interested is unchoked and served', () => {
    const scripted = seeder();
    expect(sent(scripted.message(1, { type: 'interested' }), 1)).toEqual([{ type: 'unchoke' }]);
    const block = scripted.block(3, 4);
    expect(ofType(scripted.message(1, { type: 'request', block }), 'serve_block')).toEqual([
      { type: 'serve_block', peer: 1, block },
    ]);
    scripted.tell({ type: 'block_sent', peer: 1, block });
    expect(scripted.transfer.snapshot().peers[0]!.upBytes).toBe(16 * 1024);
    expect(sent(scripted.message(1, { type: 'not_interested' }), 1)).toEqual([{ type: 'choke' }]);
  });

  test('a request while choked, or for a piece we lack, is refused; without the fast extension it is passed over', () => {
    for (const fast of [true, false]) {
      const scripted = seeder(fast);
      const refusal = (piece: number) => (fast ? [{ type: 'reject_request', block: scripted.block(piece, 0) }] : []);
      expect(sent(scripted.message(1, { type: 'request', block: scripted.block(0, 0) }), 1)).toEqual(refusal(0));
      scripted.message(1, { type: 'interested' });
      expect(sent(scripted.message(1, { type: 'request', block: scripted.block(39, 0) }), 1)).toEqual(refusal(39));
    }
  });

  test('as much as may be is in the runtime, 512 requests wait, the rest is refused', () => {
    const scripted = seeder(true, {}, { shallow: false });
    scripted.message(1, { type: 'interested' });
    const requests = Array.from({ length: 600 }, (_, index) => scripted.block(index >> 5, index & 31));
    const effects = requests.flatMap((block) => scripted.message(1, { type: 'request', block }));
    expect(ofType(effects, 'serve_block')).toHaveLength(64);
    expect(types(sent(effects, 1))).toEqual(new Array(600 - 64 - 512).fill('reject_request'));
    const next = scripted.tell({ type: 'block_sent', peer: 1, block: requests[0]! });
    expect(ofType(next, 'serve_block').map((effect) => effect.block)).toEqual([requests[64]]);
  });

  test('before the uplink is known, 64 KiB are in the runtime', () => {
    const scripted = seeder();
    scripted.message(1, { type: 'interested' });
    const requests = Array.from({ length: 32 }, (_, ordinal) => scripted.block(0, ordinal));
    const effects = requests.flatMap((block) => scripted.message(1, { type: 'request', block }));
    expect(ofType(effects, 'serve_block').map((effect) => effect.block)).toEqual(requests.slice(0, 4));
    const next = scripted.tell({ type: 'block_sent', peer: 1, block: requests[0]! });
    expect(ofType(next, 'serve_block').map((effect) => effect.block)).toEqual([requests[4]]);
  });

  test('without the fast extension too many requests end the connection', () => {
    const scripted = seeder(false, { waitingRequests: 2 });
    scripted.message(1, { type: 'interested' });
    const requests = Array.from({ length: 67 }, (_, index) => scripted.block(index >> 5, index & 31));
    const effects = requests.flatMap((block) => scripted.message(1, { type: 'request', block }));
    expect(ofType(effects, 'disconnect')).toMatchObject([
      { reason: 'protocol', detail: 'has more than 2 requests waiting' },
    ]);
  });

  test('the same request twice is answered twice with the fast extension, where each has its answer, and once without', () => {
    for (const fast of [true, false]) {
      const scripted = seeder(fast, { servedBytes: 16 * 1024 });
      scripted.message(1, { type: 'interested' });
      const request = { type: 'request', block: scripted.block(0, 0) } as const;
      for (let turn = 0; turn < 2; turn++) scripted.message(1, request);
      const next = scripted.tell({ type: 'block_sent', peer: 1, block: request.block });
      expect(ofType(next, 'serve_block')).toHaveLength(fast ? 1 : 0);
    }
  });

  test('a cancelled request is refused at once where it waits, and when the runtime dropped it', () => {
    const scripted = seeder(true, { servedBytes: 16 * 1024 });
    scripted.message(1, { type: 'interested' });
    const [first, second] = [scripted.block(0, 0), scripted.block(0, 1)];
    for (const block of [first, second]) scripted.message(1, { type: 'request', block });
    expect(scripted.message(1, { type: 'cancel', block: second })).toContainEqual({
      type: 'send',
      peer: 1,
      message: { type: 'reject_request', block: second },
    });
    expect(scripted.message(1, { type: 'cancel', block: first })).toEqual([
      { type: 'cancel_serve', peer: 1, block: first },
    ]);
    const dropped = scripted.tell({ type: 'block_sent', peer: 1, block: first, dropped: true });
    expect(sent(dropped, 1)).toEqual([{ type: 'reject_request', block: first }]);
    expect(scripted.transfer.snapshot().peers[0]!.upBytes).toBe(0);
    expect(scripted.message(1, { type: 'cancel', block: first })).toEqual([]);
  });

  test('who is choked gets what it asked for before; without the fast extension nothing more', () => {
    for (const fast of [true, false]) {
      const scripted = seeder(fast, { servedBytes: 16 * 1024 });
      scripted.message(1, { type: 'interested' });
      const [first, second] = [scripted.block(0, 0), scripted.block(0, 1)];
      for (const block of [first, second]) scripted.message(1, { type: 'request', block });
      const choke = { type: 'send', peer: 1, message: { type: 'choke' } };
      const effects = scripted.message(1, { type: 'not_interested' }).filter((effect) => effect.type !== 'wake_at');
      // A choke voids what is asked for without the fast extension (BEP 3): it waits until nothing is.
      expect(effects).toEqual(fast ? [choke] : []);
      const next = scripted.tell({ type: 'block_sent', peer: 1, block: first });
      expect(ofType(next, 'serve_block').map((effect) => effect.block)).toEqual([second]);
      const last = scripted.tell({ type: 'block_sent', peer: 1, block: second });
      expect(sent(last, 1)).toEqual(fast ? [] : [{ type: 'choke' }]);
    }
  });
});

test('a later field tells new pieces, as aria2 does; what was known stays', () => {
  const scripted = new ScriptedTransfer({ pieces: 3 });
  scripted.tell({ type: 'peer_joined', peer: 1, member: 'm', fast: true });
  scripted.message(1, { type: 'have_none' });
  scripted.message(1, { type: 'have', piece: scripted.geometry.piece(2)! });
  scripted.message(1, { type: 'bitfield', bits: Uint8Array.of(0b1000_0000) });
  expect(scripted.transfer.snapshot().peers[0]?.hasPieces).toBe(2);
  scripted.message(1, { type: 'have_all' });
  expect(scripted.transfer.snapshot().peers[0]).toMatchObject({ hasPieces: 3, lackedPieces: 3 });
});

describe('misbehaviour ends a connection', () => {
  const details = (play: (scripted: ScriptedTransfer) => void, fast = true) => {
    const scripted = new ScriptedTransfer({ pieces: 3, limits: { unwantedBlocks: 2, refusedRequests: 2 } });
    const original = scripted.tell.bind(scripted);
    const found: string[] = [];
    scripted.tell = (event) => {
      const effects = original(event);
      for (const effect of ofType(effects, 'disconnect')) found.push(`${effect.reason}: ${effect.detail}`);
      return effects;
    };
    scripted.tell({ type: 'peer_joined', peer: 1, member: 'm', fast });
    play(scripted);
    return found;
  };

  test('pieces told twice', () => {
    expect(
      details((scripted) => {
        scripted.message(1, { type: 'have_all' });
        scripted.message(1, { type: 'have_none' });
      }),
    ).toEqual(['protocol: said a second time which pieces it has']);
  });

  test('a bitfield after other messages', () => {
    const late = (scripted: ScriptedTransfer) => {
      scripted.message(1, { type: 'interested' });
      scripted.message(1, { type: 'bitfield', bits: Bitfield.full(scripted.geometry).bytes });
    };
    expect(details(late, true)).toEqual(['protocol: did not say first which pieces it has']);
  });

  test('pieces told again and again', () => {
    const again = (times: number) => (scripted: ScriptedTransfer) => {
      for (let time = 0; time <= times; time++) scripted.message(1, { type: 'have_all' });
    };
    expect(details(again(64))).toEqual([]);
    expect(details(again(65))).toEqual(['protocol: said a second time which pieces it has']);
  });

  test('a bitfield that does not fit', () => {
    for (const bits of [Uint8Array.of(0, 0), Uint8Array.of(0b0001_0000)]) {
      expect(details((scripted) => scripted.message(1, { type: 'bitfield', bits }))).toEqual([
        'protocol: sent a bitfield that does not fit the share',
      ]);
    }
  });

  test('messages of the fast extension without it', () => {
    expect(details((scripted) => scripted.message(1, { type: 'have_all' }), false)).toEqual([
      'protocol: sent have_all without the fast extension',
    ]);
  });

  test('a reject of what was not asked for', () => {
    expect(
      details((scripted) => {
        scripted.message(1, { type: 'have_all' });
        scripted.message(1, { type: 'reject_request', block: scripted.block(0, 0) });
      }),
    ).toEqual(['protocol: refused what it was not asked for']);
  });

  test('blocks that nobody asked for', () => {
    expect(
      details((scripted) => {
        scripted.message(1, { type: 'have_all' });
        for (let turn = 0; turn < 3; turn++) scripted.deliver(1, scripted.block(0, 0));
      }),
    ).toEqual(['protocol: sends blocks that nobody asked for']);
  });

  test('requests in vain without end', () => {
    expect(
      details((scripted) => {
        scripted.message(1, { type: 'have_none' });
        for (let turn = 0; turn < 3; turn++) scripted.message(1, { type: 'request', block: scripted.block(0, 0) });
      }),
    ).toEqual(['protocol: keeps asking for what it cannot get']);
  });

  test('advice, offers and extension messages are no offence, even first', () => {
    const extended = { type: 'extended', id: 0, payload: new Uint8Array() } as const;
    expect(
      details((scripted) => {
        scripted.message(1, { type: 'keep_alive' });
        scripted.message(1, extended);
        scripted.message(1, { type: 'have_none' });
        scripted.message(1, { type: 'suggest_piece', piece: scripted.piece(0) });
        scripted.message(1, { type: 'allowed_fast', piece: scripted.piece(0) });
        for (const index of [2, 0, 2]) scripted.message(1, { type: 'have', piece: scripted.piece(index) });
      }),
    ).toEqual([]);
  });

  test('what comes after the end of a connection is no news', () => {
    const scripted = new ScriptedTransfer({ pieces: 3 });
    scripted.join(1);
    const [block] = scripted.askedOf(1);
    scripted.message(1, { type: 'have_none' });
    expect(scripted.transfer.wantsBlock(1, block!)).toBe(false);
    expect(scripted.deliver(1, block!)).toEqual([]);
    expect(scripted.tell({ type: 'peer_left', peer: 1 })).toEqual([]);
  });
});

test('two peers that both have everything part', () => {
  const scripted = new ScriptedTransfer({ pieces: 2, have: [0, 1] });
  expect(ofType(scripted.join(1), 'disconnect')).toMatchObject([{ peer: 1, reason: 'both_seeders' }]);
  scripted.join(2, { has: [0], unchokes: false });
  expect(scripted.transfer.snapshot().peers).toHaveLength(1);
  const last = scripted.message(2, { type: 'have', piece: scripted.piece(1) });
  expect(ofType(last, 'disconnect')).toMatchObject([{ peer: 2, reason: 'both_seeders' }]);
});
