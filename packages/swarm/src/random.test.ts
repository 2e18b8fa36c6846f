import { expect, test } from 'vitest';
import { Random } from './random.ts';

test('equal seeds give equal numbers, other seeds others', () => {
  const numbers = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.word());
  };
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7)).not.toEqual(numbers(8));
  expect(numbers(1)).not.toEqual(numbers(2 ** 32 + 1));
});

test('numbers below a limit are in range and even', () => {
  const random = new Random(3);
  const times = new Array<number>(10).fill(0);
  for (let turn = 0; turn < 10_000; turn++) times[random.below(10)]!++;
  for (const count of times) expect(Math.abs(count - 1000)).toBeLessThan(150);
  expect(random.pick([])).toBeUndefined();
  expect(random.pick(['only'])).toBe('only');
});
