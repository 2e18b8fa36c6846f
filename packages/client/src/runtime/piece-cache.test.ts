import { Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { PieceCache, type PieceReader } from './piece-cache.ts';

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

/** What is in memory when the piece has been loaded. */
async function taken(cache: PieceCache, owner: object, index: number, read: PieceReader, lengthBytes = PIECE_BYTES) {
  let bytes: Uint8Array | undefined;
  await cache.load(owner, piece(index), lengthBytes, read, () => {
    bytes = cache.loaded(owner, piece(index));
  });
  return bytes!;
}

test('a piece is read once for all who ask for it', async () => {
  const cache = new PieceCache(2);
  const { reads, read } = reader();
  const all = await Promise.all([1, 1, 1].map((index) => taken(cache, share, index, read)));
  expect(reads).toEqual([1]);
  for (const bytes of all) expect(bytes.every((byte) => byte === 1)).toBe(true);
  expect(cache.loaded(share, piece(1)) === all[0]).toBe(true);
});

test('the least recently asked for makes room', async () => {
  const cache = new PieceCache(2);
  const { reads, read } = reader();
  for (const index of [1, 2, 1, 3, 1, 2]) await taken(cache, share, index, read);
  expect(reads).toEqual([1, 2, 3, 2]);
});

test('who finds all buffers being read into waits; each piece is there when its asker has his turn, however few buffers there are', async () => {
  const cache = new PieceCache(1);
  const { reads, read } = reader();
  const found: (number | undefined)[] = [];
  const take = (index: number) =>
    cache.load(share, piece(index), PIECE_BYTES, read, () => found.push(cache.loaded(share, piece(index))?.[0]));
  await Promise.all([1, 2, 3, 1].map(take));
  expect(found.sort()).toEqual([1, 1, 2, 3]);
  expect(reads.length).toBeLessThanOrEqual(4);
});

test('what is read ahead is there without another read; it takes no buffer from anybody who waits', async () => {
  const cache = new PieceCache(2);
  const { reads, read } = reader();
  cache.readAhead(share, piece(4), PIECE_BYTES, read);
  cache.readAhead(share, piece(4), PIECE_BYTES, read);
  expect((await taken(cache, share, 4, read))[0]).toBe(4);
  expect(reads).toEqual([4]);
  cache.readAhead(share, piece(5), PIECE_BYTES, () => Promise.reject(new Error('unreadable')));
  await expect(taken(cache, share, 5, () => Promise.reject(new Error('unreadable')))).rejects.toThrow('unreadable');
  expect((await taken(cache, share, 5, read))[0]).toBe(5);
});

test('a piece that can not be read is nobody’s, and may be tried again', async () => {
  const cache = new PieceCache(1);
  const fail = () => Promise.reject(new Error('unreadable'));
  await expect(taken(cache, share, 1, fail)).rejects.toThrow('unreadable');
  expect(cache.loaded(share, piece(1))).toBeUndefined();
  const { read } = reader();
  expect([...(await taken(cache, share, 1, read, 100))]).toEqual(Array(100).fill(1));
});

test('a share that is forgotten is read anew, others are not; what was being read for it is kept by nobody', async () => {
  const cache = new PieceCache(2);
  const { reads, read } = reader();
  const other = {};
  await taken(cache, share, 1, read);
  await taken(cache, other, 1, read);
  cache.forget(share);
  const late = Promise.withResolvers<void>();
  const reading = cache.load(
    share,
    piece(2),
    PIECE_BYTES,
    () => late.promise,
    () => expect(cache.loaded(share, piece(2))).toBeUndefined(),
  );
  cache.forget(share);
  late.resolve();
  await reading;
  await taken(cache, share, 1, read);
  await taken(cache, other, 1, read);
  expect(reads).toEqual([1, 1, 1]);
});

test('a held piece stays as it is while others come and its share is forgotten; its buffer goes round again when it is let go', async () => {
  const cache = new PieceCache(2);
  const { reads, read } = reader();
  await taken(cache, share, 1, read);
  const whole = geometry.wholePiece(1, 0, PIECE_BYTES)!;
  const held = cache.hold(share, whole)!;
  const asHeld = Buffer.from(held.message);
  expect(cache.hold(share, whole)).toBeUndefined(); // half of all buffers are held
  for (const index of [2, 3]) await taken(cache, share, index, read);
  cache.forget(share);
  for (const index of [4, 5]) await taken(cache, share, index, read);
  expect(Buffer.compare(held.message, asHeld)).toBe(0);
  held.letGo();
  for (const index of [6, 7, 6, 7]) await taken(cache, share, index, read);
  expect(reads).toEqual([1, 2, 3, 4, 5, 6, 7]); // two buffers again, each in one place
});
