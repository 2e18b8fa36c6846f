import { Bitfield, Geometry, type PeerMessage, PIECE_BYTES } from '@peerage/bittorrent';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkInvariants } from './invariants.ts';
import { Random } from './random.ts';
import { Transfer } from './transfer.ts';
import type { TransferEvent } from './transfer-events.ts';

const PIECES = 9;

/** Anything a hostile peer, a confused runtime or chance may tell, in any order; most of the time it fits what was asked. */
function anyEvent(random: Random, geometry: Geometry, answers: TransferEvent[]): TransferEvent {
  const piece = geometry.piece(random.below(PIECES))!;
  const whole = geometry.wholePiece(piece, 0, geometry.pieceLengthBytes(piece))!;
  const block =
    (random.chance(0.1) ? whole : undefined) ??
    geometry.block(piece, random.pick([0, 16_384, 32_768, 5])!, random.pick([16_384, 16_384, 1])!) ??
    geometry.blockAt(piece, 0)!;
  const peer = random.below(5);
  if (answers.length > 0 && random.chance(0.9)) {
    const place = random.below(answers.length);
    return random.chance(0.02) ? answers[place]! : answers.splice(place, 1)[0]!;
  }
  const message = (): PeerMessage => {
    const type = random.pick([
      'choke',
      'unchoke',
      'interested',
      'not_interested',
      'have_all',
      'have_none',
      'keep_alive',
    ] as const)!;
    return random.pick<PeerMessage>([
      { type },
      { type: 'have', piece },
      { type: 'bitfield', bits: Uint8Array.of(random.below(256), random.pick([0, 0x80, 1])!) },
      { type: 'request', block },
      { type: 'cancel', block },
      { type: 'reject_request', block },
      { type: 'suggest_piece', piece },
      { type: 'allowed_fast', piece },
      { type: 'extended', id: 0, payload: new Uint8Array(3) },
    ])!;
  };
  return random.pick<TransferEvent>([
    { type: 'peer_joined', peer, member: `member-${random.below(4)}`, fast: random.chance(0.7) },
    { type: 'message', peer, message: random.chance(0.5) ? { type: 'have_all' } : { type: 'unchoke' } },
    { type: 'message', peer, message: message() },
    { type: 'message', peer, message: message() },
    { type: 'message', peer, message: message() },
    { type: 'peer_left', peer },
    { type: 'whole_pieces', peer },
    { type: 'block_arrived', peer, block },
    { type: 'block_unwanted', peer, block },
    { type: 'block_sent', peer, block, dropped: random.chance(0.5) },
    { type: random.pick(['piece_stored', 'piece_bad', 'store_failed', 'piece_lost'] as const)!, piece },
    { type: 'store_ready' },
    { type: 'upload_limit', bytesPerSecond: random.pick([0.001, 20_000, Number.POSITIVE_INFINITY])! },
    { type: 'buffer_budget', pieces: random.below(12) },
    { type: random.chance(0.05) ? 'paused' : 'resumed' },
    { type: 'tick' },
  ])!;
}

test('whatever is told in whatever order: nothing throws, and the invariants hold after every step', () => {
  let stored = 0;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = new Random(seed);
      const geometry = new Geometry(PIECES * PIECE_BYTES - 480_000);
      const transfer = new Transfer({
        geometry,
        have: Bitfield.empty(geometry),
        seed,
        nowMs: 0,
        limits: { maxOpenPieces: 6 },
      });
      let nowMs = 0;
      const answers: TransferEvent[] = [];
      for (let step = 0; step < 2000; step++) {
        nowMs += random.chance(0.1) ? random.below(20_000) : random.below(20);
        const event = anyEvent(random, geometry, answers);
        if (event.type === 'block_arrived' && random.chance(0.7)) transfer.wantsBlock(event.peer, event.block);
        const before = transfer.snapshot().havePieces;
        for (const effect of transfer.handle(event, nowMs)) {
          if (effect.type === 'send' && effect.message.type === 'request') {
            const { peer, message } = effect;
            const reject = { type: 'reject_request', block: message.block } as const;
            if (random.chance(0.95)) answers.push({ type: 'block_arrived', peer, block: message.block });
            else answers.push({ type: 'message', peer, message: reject });
          } else if (effect.type === 'verify_piece') {
            const type = random.pick(['piece_stored', 'piece_stored', 'piece_bad', 'store_failed'] as const)!;
            answers.push({ type, piece: effect.piece });
          }
        }
        checkInvariants(transfer);
        stored += Math.max(0, transfer.snapshot().havePieces - before);
      }
    }),
    { numRuns: 60 },
  );
  // About two pieces a run are stored: the runs get far enough to mean something.
  expect(stored).toBeGreaterThan(30);
});
