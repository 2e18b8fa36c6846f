import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globMatcher } from './glob.ts';

const word = (letters: string, length: number) =>
  fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: length }).map((all) => all.join(''));
const path = fc.array(word('abc', 4), { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const glob = fc
  .array(
    fc.oneof(
      fc.constant('**'),
      word('abc*?', 5).filter((name) => !name.includes('**')),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((names) => names.join('/'));

test("says what the platform's matcher says", () => {
  fc.assert(
    fc.property(glob, path, (pattern, candidate) => {
      // The platform's `a/**` does not match `a` itself either, but two `**` in a row are one.
      fc.pre(!pattern.includes('**/**'));
      expect([pattern, candidate, globMatcher(pattern)!(candidate)]).toEqual([
        pattern,
        candidate,
        // A `**` at the end stands for something there, ours also for nothing.
        posix.matchesGlob(candidate, pattern) ||
          (pattern.endsWith('/**') && globMatcher(pattern.slice(0, -3))!(candidate)),
      ]);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['[]x', '[]x', true],
  ['[', '[', true],
  ['{a,b{c,d}}.txt', 'bd.txt', true],
  ['{a,b{c,d}}.txt', 'b.txt', false],
  ['{a}', '{a}', true],
  ['?', '😀', true],
  ['*', '.hidden', true],
])('%s against %s: %s', (pattern, candidate, expected) => {
  expect(globMatcher(pattern)!(candidate)).toBe(expected);
});

test('takes no longer for a pattern made to take long', () => {
  const startedMs = performance.now();
  expect(globMatcher(`${'*a'.repeat(100)}b`)!('a'.repeat(255))).toBe(false);
  expect(globMatcher(`${'**/a/'.repeat(30)}b`)!(`${'a/'.repeat(31)}a`)).toBe(false);
  expect(globMatcher('{a,b}'.repeat(20))).toBeUndefined();
  expect(performance.now() - startedMs).toBeLessThan(1000);
});
