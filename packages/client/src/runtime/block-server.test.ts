import { type Block, encodePieceHeader, Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { RateLimiter } from '../net/rate-limiter.ts';
import { BlockServer } from './block-server.ts';
import { PieceCache, type PieceReader } from './piece-cache.ts';

const geometry = new Geometry(4 * PIECE_BYTES);
const block = (piece: number, ordinal: number): Block => geometry.blockAt(geometry.piece(piece)!, ordinal)!;

/** A server, whose reads a test ends by hand, and what became of each block. */
function serverOf(read: PieceReader, { limiter = new RateLimiter(), cached = 2 } = {}) {
  const sent: string[] = [];
  const failed: number[] = [];
  const server = new BlockServer({
    cache: new PieceCache(cached),
    pieceLengthBytes: (piece) => geometry.pieceLengthBytes(piece),
    nextPiece: (piece) => geometry.piece(piece + 1),
    read,
    limiter,
    nowMs: () => performance.now(),
    onSent: (peer, { piece, offsetBytes }) => sent.push(`${peer}: ${piece}/${offsetBytes / 16384}`),
    onReadFailed: (piece) => failed.push(piece),
  });
  const receiver = (key: number) => ({
    key,
    queuedBytes: 0,
    sendBlock: (_block: Block, _payload: Uint8Array, done: () => void) => queueMicrotask(done),
    sendBytes: (_message: Uint8Array, done: () => void) => queueMicrotask(done),
  });
  return { server, sent, failed, receiver };
}

/** Everything that needs no more than a turn of the event loop is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a piece that can not be read is told once, and its blocks are dropped; what else was asked for is sent', async () => {
  const { server, sent, failed, receiver } = serverOf(async (piece) => {
    if (piece === 0) throw new Error('the file is closed');
  });
  const [one, other] = [receiver(1), receiver(2)];
  for (const line of [one, other]) {
    server.serve(line, block(0, 0));
    server.serve(line, block(0, 1));
    server.serve(line, block(1, 0));
  }
  await settled();
  expect(new Set(failed)).toEqual(new Set([0]));
  expect(sent.sort()).toEqual(['1: 1/0', '2: 1/0']);
});

test('who left while a piece was read that can not be read is served no more', async () => {
  const reading = Promise.withResolvers<void>();
  let reads = 0;
  const { server, sent, failed, receiver } = serverOf(() =>
    reads++ === 0 ? reading.promise : new Promise(() => undefined),
  );
  const gone = receiver(1);
  server.serve(gone, block(0, 0));
  server.serve(gone, block(1, 0));
  await settled();
  server.leave(1);
  server.forgetPieces();
  reading.reject(new Error('the file is closed'));
  await settled();
  // The second read was one ahead, for the second piece, before he left.
  expect({ reads, sent, failed }).toEqual({ reads: 2, sent: [], failed: [0] });
});

test('who asks in the order of the file finds the next pieces read in the same turn', async () => {
  const turns: number[][] = [];
  const read: PieceReader = async (piece) => {
    if (turns.length === 0 || piece === 0) turns.push([]);
    turns.at(-1)!.push(piece);
  };
  const { server, sent, receiver } = serverOf(read, { cached: 8 });
  const one = receiver(1);
  server.serve(one, block(0, 0));
  await settled();
  turns.push([]);
  server.serve(one, block(1, 0));
  await settled();
  server.serve(one, block(2, 0));
  server.serve(one, block(3, 0));
  await settled();
  expect(turns).toEqual([[0], [1, 2, 3]]);
  expect(sent).toEqual(['1: 0/0', '1: 1/0', '1: 2/0', '1: 3/0']);
});

test('a whole piece leaves as it lies in memory, and its place is not given to another before the socket has it; blocks are copied', async () => {
  const read: PieceReader = async (piece, into) => void into.fill(piece);
  const { server, receiver } = serverOf(read, { cached: 2 });
  const whole = geometry.wholePiece(1, 0, PIECE_BYTES)!;
  const leaving: { message: Uint8Array; done: () => void }[] = [];
  const slow = {
    ...receiver(1),
    sendBytes: (message: Uint8Array, done: () => void) => void leaving.push({ message, done }),
  };
  server.serve(slow, whole);
  await settled();
  const { message, done } = leaving[0]!;
  const asSaid = Buffer.from(message);
  expect(asSaid.equals(Buffer.concat([encodePieceHeader(whole), Buffer.alloc(PIECE_BYTES, 1)]))).toBe(true);
  for (const piece of [2, 3, 0]) {
    server.serve(receiver(2), block(piece, 0));
    await settled();
  }
  expect(Buffer.compare(message, asSaid)).toBe(0);
  done();
  server.close();
});
