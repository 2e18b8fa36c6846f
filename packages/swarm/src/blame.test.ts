import { expect, test } from 'vitest';
import { ofType, ScriptedTransfer } from './testing/scripted-transfer.ts';

/** The oldest piece handed over was bad. */
function bad(scripted: ScriptedTransfer) {
  expect(scripted.verifying).not.toEqual([]);
  return scripted.tell({ type: 'piece_bad', piece: scripted.verifying.shift()! });
}

/** A piece of which peer 1 sent 20 blocks and peer 2 the rest; both stay connected. */
function mixed(scripted: ScriptedTransfer): number {
  scripted.join(1, { fast: false });
  const [piece] = scripted.piecesAskedOf(1);
  scripted.deliverAsked(1, { count: 20 });
  scripted.join(2);
  scripted.message(1, { type: 'choke' });
  scripted.deliverAsked(2, { piece: piece! });
  scripted.message(1, { type: 'unchoke' });
  return piece!;
}

test('who sent all of a bad piece is banned at once, on every connection, for ever', () => {
  const scripted = new ScriptedTransfer({ pieces: 9 });
  scripted.join(1, { member: 'liar' });
  scripted.join(2, { member: 'liar' });
  scripted.join(3, { member: 'honest' });
  scripted.deliverAsked(1, { count: 32 });
  const effects = bad(scripted);
  expect(ofType(effects, 'ban')).toEqual([{ type: 'ban', member: 'liar', detail: 'sent wrong data of piece 0' }]);
  expect(ofType(effects, 'disconnect').map(({ peer, reason }) => [peer, reason])).toEqual([
    [1, 'banned'],
    [2, 'banned'],
  ]);
  expect(scripted.transfer.snapshot().peers.map((peer) => peer.peer)).toEqual([3]);
  const rejoined = scripted.tell({ type: 'peer_joined', peer: 4, member: 'liar', fast: true });
  expect(ofType(rejoined, 'disconnect')).toMatchObject([{ peer: 4, reason: 'banned' }]);
});

test('of whom several pieces were being verified, and turn out bad together, is banned once', () => {
  const scripted = new ScriptedTransfer({ pieces: 3 });
  scripted.join(1, { member: 'liar' });
  for (let turn = 0; turn < 2; turn++) scripted.deliverAsked(1, { count: 32 });
  scripted.join(2);
  expect(scripted.verifying).toHaveLength(2);
  expect(ofType(bad(scripted), 'ban')).toHaveLength(1);
  expect(ofType(bad(scripted), 'ban')).toEqual([]);
  scripted.complete([2]);
});

test('what a banned member sent of other pieces is fetched again', () => {
  const scripted = new ScriptedTransfer({ pieces: 3 });
  scripted.join(1);
  scripted.deliverAsked(1, { piece: 0 });
  scripted.deliverAsked(1, { count: 8 });
  scripted.join(2);
  bad(scripted);
  scripted.complete([2]);
  expect([...scripted.transfer.snapshot().sources.keys()]).toEqual(['member-2']);
});

test('a bad piece of several senders comes next whole from one who is no suspect', () => {
  const scripted = new ScriptedTransfer({ pieces: 1 });
  const piece = mixed(scripted);
  scripted.join(3, { unchokes: false });
  const effects = bad(scripted);
  expect(ofType(effects, 'ban')).toEqual([]);
  scripted.message(3, { type: 'unchoke' });
  // The suspects were asked at once, since nobody else served; but what the third brings is not mixed with theirs.
  const asked = [1, 2, 3].filter((peer) => scripted.askedOf(peer).length > 0);
  expect(asked).toHaveLength(1);
  scripted.deliverAsked(asked[0]!, { piece });
  scripted.store();
  expect([...scripted.transfer.snapshot().sources.keys()]).toEqual([`member-${asked[0]}`]);
});

test('where a third serves, the suspects are not asked', () => {
  const scripted = new ScriptedTransfer({ pieces: 2 });
  scripted.join(3, { has: [1] });
  scripted.deliverAsked(3);
  scripted.store();
  mixed(scripted);
  scripted.message(3, { type: 'have', piece: scripted.piece(0) });
  bad(scripted);
  expect([1, 2, 3].map((peer) => scripted.askedOf(peer).length)).toEqual([0, 0, 32]);
});

test('suspects alone: the one that lies again is banned, the other finishes', () => {
  const scripted = new ScriptedTransfer({ pieces: 1 });
  mixed(scripted);
  bad(scripted);
  const [first] = [1, 2].filter((peer) => scripted.askedOf(peer).length > 0);
  scripted.deliverAsked(first!);
  expect(ofType(bad(scripted), 'ban')).toMatchObject([{ member: `member-${first}` }]);
  scripted.deliverAsked(3 - first!);
  scripted.store();
  expect(scripted.transfer.isComplete).toBe(true);
});

test('a suspect that takes a piece over begins it anew', () => {
  const scripted = new ScriptedTransfer({ pieces: 4, buffers: 1 });
  const piece = mixed(scripted);
  bad(scripted);
  for (const peer of [1, 2]) scripted.tell({ type: 'peer_left', peer });
  scripted.join(3);
  expect(scripted.piecesAskedOf(3)).toEqual([piece]);
  scripted.deliverAsked(3);
  scripted.store();
  scripted.deliverAsked(3, { count: 5 });
  scripted.join(4, { member: 'member-1' });
  scripted.tell({ type: 'peer_left', peer: 3 });
  scripted.complete([4]);
  const pieceBytes = 512 * 1024;
  expect(scripted.transfer.snapshot().sources).toEqual(
    new Map([
      ['member-3', pieceBytes],
      ['member-1', 3 * pieceBytes],
    ]),
  );
});

test('where blocks may not be mixed, a piece waits for its choking source, each time longer, before it begins anew elsewhere', () => {
  const scripted = new ScriptedTransfer({ pieces: 1 });
  mixed(scripted);
  scripted.join(3, { fast: false });
  bad(scripted);
  scripted.join(4, { fast: false });
  for (const [choking, other, waitMs] of [
    [3, 4, 1_000],
    [4, 3, 2_000],
    [3, 4, 4_000],
  ] as const) {
    scripted.deliverAsked(choking, { count: 5 });
    scripted.message(choking, { type: 'choke' });
    scripted.tick(waitMs - 1);
    expect(scripted.askedOf(other)).toEqual([]);
    scripted.tick(1);
    expect(scripted.askedOf(other)).toHaveLength(32);
    scripted.message(choking, { type: 'unchoke' });
  }
  scripted.complete([4]);
  expect([...scripted.transfer.snapshot().sources.keys()]).toEqual(['member-4']);
});
