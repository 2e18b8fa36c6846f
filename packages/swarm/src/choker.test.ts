import { expect, test } from 'vitest';
import { reviewUploads } from './choker.ts';

const waiting = (peer: number, sinceMs: number) => ({ peer, interested: true, unchoked: false, sinceMs });
const served = (peer: number, sinceMs: number) => ({ peer, interested: true, unchoked: true, sinceMs });

test('every interested peer is served while there are slots', () => {
  expect(reviewUploads([waiting(1, 0), waiting(2, 5)], 20_000)).toEqual({ choke: [], unchoke: [1, 2] });
});

/** Seven slots are taken by peers that came just now. */
const taken = Array.from({ length: 7 }, (_, index) => served(100 + index, 19_000));

test('those who wait longest come first', () => {
  expect(reviewUploads([...taken, waiting(1, 9), waiting(2, 5), waiting(3, 7)], 20_000).unchoke).toEqual([2]);
});

test('who wants nothing is choked and gives its slot', () => {
  const idle = { peer: 1, interested: false, unchoked: true, sinceMs: 0 };
  expect(reviewUploads([idle, served(2, 15_000), waiting(3, 0)], 20_000)).toEqual({ choke: [1], unchoke: [3] });
});

test('after its turn a peer gives way to one that waits, and only then', () => {
  const review = (uploads: ReturnType<typeof waiting>[]) => reviewUploads([...taken, ...uploads], 20_000);
  expect(review([served(1, 0), waiting(3, 6_000)])).toEqual({ choke: [1], unchoke: [3] });
  expect(review([served(1, 15_000), waiting(3, 0)])).toEqual({ choke: [], unchoke: [] });
  expect(review([served(1, 0)])).toEqual({ choke: [], unchoke: [] });
});
