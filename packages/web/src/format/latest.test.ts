import { expect, test } from 'vitest';
import { latest } from './latest.ts';

test('makes anew what it is asked for with another argument, and only that', () => {
  let made = 0;
  const sum = latest((...numbers: readonly number[]) => {
    made++;
    return numbers.reduce((all, number) => all + number, 0);
  });
  expect([sum(1, 2), sum(1, 2), made]).toEqual([3, 3, 1]);
  expect([sum(1), sum(2, 1), sum(2, 1), made]).toEqual([1, 3, 3, 3]);
});
