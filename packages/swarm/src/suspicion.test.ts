import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { Suspicion } from './suspicion.ts';

const geometry = new Geometry(20 * PIECE_BYTES);
const piece = (index: number) => geometry.piece(index)!;

test('who sent all of a bad piece is banned at once', () => {
  const suspicion = new Suspicion();
  expect(suspicion.judge(piece(0), new Set(['liar']))).toBe('liar');
  expect([...suspicion.banned]).toEqual(['liar']);
  expect(suspicion.retries.size).toBe(0);
});

test('of a bad piece with several senders nobody is banned, and all of them work alone until they have proved themselves', () => {
  const suspicion = new Suspicion();
  expect(suspicion.judge(piece(0), new Set(['a', 'b']))).toBeUndefined();
  expect([...suspicion.retries]).toEqual([[0, new Set(['a', 'b'])]]);
  expect(['a', 'b', 'c'].map((member) => suspicion.worksAlone(member))).toEqual([true, true, false]);
  suspicion.acquit(piece(0), new Set(['c']));
  expect(suspicion.retries.size).toBe(0);
  for (let good = 1; good <= 4; good++) {
    expect(suspicion.worksAlone('a')).toBe(true);
    suspicion.acquit(piece(good), new Set(['a']));
  }
  expect(suspicion.worksAlone('a')).toBe(false);
  expect(suspicion.judge(piece(5), new Set(['b']))).toBe('b');
  expect(suspicion.worksAlone('b')).toBe(false);
});

test('who is there whenever pieces are bad works alone for ever', () => {
  const suspicion = new Suspicion();
  for (let bad = 0; bad < 3; bad++) suspicion.judge(piece(bad), new Set(['liar', `other-${bad}`]));
  for (let good = 3; good < 20; good++) suspicion.acquit(piece(good), new Set(['liar']));
  expect(suspicion.worksAlone('liar')).toBe(true);
});
