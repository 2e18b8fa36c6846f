import { expect, test } from 'vitest';
import { reviewUploads } from './choker.ts';

const options = { slots: 2, turnMs: 10_000, nowMs: 20_000 };
const waiting = (peer: number, sinceMs: number) => ({ peer, interested: true, unchoked: false, sinceMs });
const served = (peer: number, sinceMs: number) => ({ peer, interested: true, unchoked: true, sinceMs });

test('every interested peer is served while there are slots', () => {
  expect(reviewUploads([waiting(1, 0), waiting(2, 5)], options)).toEqual({ choke: [], unchoke: [1, 2] });
});

test('those who wait longest come first', () => {
  expect(reviewUploads([waiting(1, 9), waiting(2, 5), waiting(3, 7)], options).unchoke).toEqual([2, 3]);
});

test('who wants nothing is choked and gives its slot', () => {
  const idle = { peer: 1, interested: false, unchoked: true, sinceMs: 0 };
  expect(reviewUploads([idle, served(2, 15_000), waiting(3, 0)], options)).toEqual({ choke: [1], unchoke: [3] });
});

test('after its turn a peer gives way to one that waits, and only then', () => {
  expect(reviewUploads([served(1, 0), served(2, 5_000), waiting(3, 6_000)], options)).toEqual({
    choke: [1],
    unchoke: [3],
  });
  expect(reviewUploads([served(1, 15_000), served(2, 15_000), waiting(3, 0)], options)).toEqual({
    choke: [],
    unchoke: [],
  });
  expect(reviewUploads([served(1, 0), served(2, 0)], options)).toEqual({ choke: [], unchoke: [] });
});
