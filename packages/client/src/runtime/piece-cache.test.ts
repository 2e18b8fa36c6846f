import { Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { PieceCache } from './piece-cache.ts';

const geometry = new Geometry(PIECE_BYTES * 10);
const piece = (index: number): PieceIndex => geometry.piece(index)!;
const share = {};

/** Fills a piece with its number, and counts. */
function reader() {
  const reads: number[] = [];
  const read = async (index: PieceIndex, into: Uint8Array) => {
    reads.push(index);
    into.fill(index);
  };
  return { reads, read };
}

test('a piece is read once for all who hold it, and its bytes stay while one holds it', async () => {
  const cache = new PieceCache(2);
  const { reads, read } = reader();
  const held = await Promise.all([1, 2, 3].map(() => cache.hold(share, piece(1), PIECE_BYTES, read)));
  expect(reads).toEqual([1]);
  held[0]!.release();
  held[1]!.release();
  (await cache.hold(share, piece(2), PIECE_BYTES, read)).release();
  (await cache.hold(share, piece(3), PIECE_BYTES, read)).release();
  expect(held[2]!.bytes.every((byte) => byte === 1)).toBe(true);
  expect(cache.holdLoaded(share, piece(1))?.bytes === held[2]!.bytes).toBe(true);
});

test('the least recently asked for makes room', async () => {
  const cache = new PieceCache(2);
  const { reads, read } = reader();
  for (const index of [1, 2, 1, 3, 1, 2]) (await cache.hold(share, piece(index), PIECE_BYTES, read)).release();
  expect(reads).toEqual([1, 2, 3, 2]);
});

test('who finds all buffers held waits until one is let go', async () => {
  const cache = new PieceCache(1);
  const { read } = reader();
  const first = await cache.hold(share, piece(1), PIECE_BYTES, read);
  const order: string[] = [];
  const second = cache.hold(share, piece(2), PIECE_BYTES, read).then((held) => {
    order.push('second');
    held.release();
  });
  const third = cache.hold(share, piece(3), PIECE_BYTES, read).then((held) => {
    order.push('third');
    held.release();
  });
  order.push('released');
  first.release();
  first.release();
  await Promise.all([second, third]);
  expect(order).toEqual(['released', 'second', 'third']);
});

test('a piece that can not be read is nobody’s, and may be tried again', async () => {
  const cache = new PieceCache(1);
  const fail = () => Promise.reject(new Error('unreadable'));
  await expect(cache.hold(share, piece(1), PIECE_BYTES, fail)).rejects.toThrow('unreadable');
  expect(cache.holdLoaded(share, piece(1))).toBeUndefined();
  const { read } = reader();
  const held = await cache.hold(share, piece(1), 100, read);
  expect([...held.bytes]).toEqual(Array(100).fill(1));
});

test('a share that is forgotten is read anew, others are not', async () => {
  const cache = new PieceCache(4);
  const { reads, read } = reader();
  const other = {};
  const old = await cache.hold(share, piece(1), PIECE_BYTES, read);
  (await cache.hold(other, piece(1), PIECE_BYTES, read)).release();
  cache.forget(share);
  const anew = await cache.hold(share, piece(1), PIECE_BYTES, read);
  expect(anew.bytes === old.bytes).toBe(false);
  (await cache.hold(other, piece(1), PIECE_BYTES, read)).release();
  expect(reads).toEqual([1, 1, 1]);
});
