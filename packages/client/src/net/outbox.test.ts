import {
  BLOCK_BYTES,
  type Block,
  encodeMessage,
  encodePieceHeader,
  Geometry,
  type PeerMessage,
  PIECE_BYTES,
} from '@peerage/bittorrent';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';
import type { ByteConnection } from './transport.ts';

const geometry = new Geometry(4 * PIECE_BYTES);
const nextTurn = () => new Promise<void>((done) => setImmediate(done));

/** A socket that takes one write at a time, when it is told to. What was handed to it is looked at only when it is taken, as a socket does that is full. */
class SlowSocket implements Pick<ByteConnection, 'queuedBytes' | 'write'> {
  readonly taken: Buffer[] = [];
  #given: { readonly bytes: Uint8Array; readonly onSent: (() => void) | undefined } | undefined;

  get queuedBytes(): number {
    return this.#given?.bytes.length ?? 0;
  }

  write(bytes: Uint8Array, onSent?: () => void): void {
    expect(this.#given).toBeUndefined();
    this.#given = { bytes, onSent };
  }

  /** False where there was nothing. */
  take(): boolean {
    const given = this.#given;
    if (given === undefined) return false;
    this.#given = undefined;
    this.taken.push(Buffer.from(given.bytes));
    given.onSent?.();
    return true;
  }
}

type Said = { readonly message: PeerMessage } | { readonly block: Block; readonly fill: number };

const anyBlock = fc
  .record({ piece: fc.nat({ max: 3 }), ordinal: fc.nat({ max: 31 }) })
  .map(({ piece, ordinal }) => geometry.blockAt(geometry.piece(piece)!, ordinal)!);
const anyPiece = fc.nat({ max: 3 }).map((piece) => geometry.wholePiece(piece, 0, PIECE_BYTES)!);
const anySaid: fc.Arbitrary<Said> = fc.oneof(
  anyBlock.map((block) => ({ message: { type: 'request', block } as const })),
  { weight: 3, arbitrary: fc.record({ block: anyBlock, fill: fc.nat({ max: 255 }) }) },
  fc.record({ block: anyPiece, fill: fc.nat({ max: 255 }) }),
  fc
    .uint8Array({ minLength: 5000, maxLength: 6000 })
    .map((payload) => ({ message: { type: 'extended', id: 1, payload } as const })),
);

const wireOf = (said: Said): Buffer =>
  'message' in said
    ? Buffer.from(encodeMessage(said.message))
    : Buffer.concat([encodePieceHeader(said.block), Buffer.alloc(said.block.lengthBytes, said.fill)]);

test('whatever is said in whatever turns leaves whole and in that order, though buffers are used again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anySaid, { maxLength: 70 }), { maxLength: 6 }),
      fc.array(fc.boolean()),
      async (turns, takes) => {
        const socket = new SlowSocket();
        const outbox = new Outbox(socket as unknown as ByteConnection);
        let sent = 0;
        for (const [at, turn] of turns.entries()) {
          for (const said of turn) {
            if ('message' in said) outbox.say(said.message);
            else outbox.sendBlock(said.block, Buffer.alloc(said.block.lengthBytes, said.fill), () => sent++);
          }
          await nextTurn();
          if (takes[at]) socket.take();
        }
        while (socket.take());
        const all = turns.flat();
        expect(Buffer.concat(socket.taken).equals(Buffer.concat(all.map(wireOf)))).toBe(true);
        expect(sent).toBe(all.filter((said) => 'block' in said).length);
        expect(outbox.queuedBytes).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});

test('a piece behind more messages than fit beside it leaves after them', async () => {
  const socket = new SlowSocket();
  const outbox = new Outbox(socket as unknown as ByteConnection);
  const piece = geometry.wholePiece(0, 0, PIECE_BYTES)!;
  for (let said = 0; said < 60; said++) outbox.say({ type: 'have', piece: piece.piece });
  outbox.sendBlock(piece, new Uint8Array(PIECE_BYTES), () => {});
  await nextTurn();
  while (socket.take());
  expect(socket.taken.map(({ length }) => length)).toEqual([60 * 9, PIECE_BYTES + 13]);
});

test('requests and a whole piece behind them are one write', async () => {
  const socket = new SlowSocket();
  const outbox = new Outbox(socket as unknown as ByteConnection);
  const [first, second] = [geometry.piece(0)!, geometry.piece(1)!];
  outbox.say({ type: 'have', piece: second });
  for (let ordinal = 0; ordinal < PIECE_BYTES / BLOCK_BYTES - 1; ordinal++) {
    outbox.sendBlock(geometry.blockAt(first, ordinal)!, new Uint8Array(BLOCK_BYTES), () => {});
  }
  await nextTurn();
  while (socket.take());
  expect(socket.taken.map(({ length }) => length)).toEqual([9 + 31 * (BLOCK_BYTES + 13)]);
});
