import { expect, it } from 'vitest';
import { FarClock } from './far-clock.ts';

it('goes on from the last answer that told a time', () => {
  let nowMs = 1_000.5;
  const clock = new FarClock(() => nowMs);
  expect(clock.in(900)).toBeUndefined();
  clock.told('01234567.50');
  nowMs += 10.7;
  expect(clock.in(900)).toBe('01234567.960');
  for (const nothing of [undefined, 'soon', ['01234567.9', '01234567.9'], '']) clock.told(nothing);
  expect(clock.in(0)).toBe('01234567.60');
  clock.told('89abcdef.7');
  expect(clock.in(0)).toBe('89abcdef.7');
});
