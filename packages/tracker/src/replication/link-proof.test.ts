import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { proofOf, senderOf } from './link-proof.ts';

const secret = { id: 'a1'.repeat(8), key: randomBytes(32) };
const ends = { role: 'request', from: 1, to: 2 } as const;
const exported = randomBytes(32);
const proof = proofOf(secret, ends, exported);
const judged = (words: unknown, secrets = [secret], to: { role: 'request' | 'answer'; to: number } = ends) =>
  senderOf(words, secrets, to, exported);

it('a proof shows who sent it, with any of the accepted secrets', () => {
  expect(judged(proof)).toBe(1);
  expect(judged(proof, [{ id: 'b2'.repeat(8), key: randomBytes(32) }, secret])).toBe(1);
});

it('it is nothing on another connection, in the other direction, for another tracker, of another number, by another key', () => {
  expect(senderOf(proof, [secret], ends, randomBytes(32))).toBeUndefined();
  expect(judged(proof, [secret], { role: 'answer', to: 2 })).toBeUndefined();
  expect(judged(proof, [secret], { role: 'request', to: 3 })).toBeUndefined();
  expect(judged(proof.replace(' 1 ', ' 3 '))).toBeUndefined();
  expect(judged(proof, [{ ...secret, key: randomBytes(32) }])).toBeUndefined();
  expect(judged(proof, [])).toBeUndefined();
});

it('it stays what it is, however often and between whatever others it is asked for', () => {
  const others = [3, 4, 5].map((from) => proofOf(secret, { ...ends, from }, exported));
  for (const _again of [1, 2]) {
    expect(proofOf(secret, ends, exported)).toBe(proof);
    expect(others.map((other) => judged(other))).toEqual([3, 4, 5]);
    expect(judged(proof.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')))).toBeUndefined();
    expect(judged(proof, [{ ...secret, key: randomBytes(32) }])).toBeUndefined();
  }
});

it.each([undefined, '', ['x'], proof.slice(0, -1), `${proof}0`, proof.toUpperCase(), ` ${proof}`, 'x'.repeat(100_000)])(
  'what is none is none: %#',
  (words) => {
    expect(judged(words)).toBeUndefined();
  },
);
