import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatRunTime, parseRunTime } from './run-time.ts';

const hex = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 8, maxLength: 8 })
  .map((each) => each.join(''));

it('what is written is read again', () => {
  fc.assert(
    fc.property(hex, fc.integer({ min: 0, max: 999_999_999_999_999 }), (run, ms) => {
      expect(parseRunTime(formatRunTime({ run, ms }))).toEqual({ run, ms });
    }),
  );
});

it('nothing else is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{6,9}\.\d{0,17}$/)), (text) => {
      const read = parseRunTime(text);
      if (read) expect(formatRunTime(read)).toBe(text);
    }),
  );
  for (const text of [
    '',
    '.',
    '0123456.1',
    '0123456789.1',
    '01234567.',
    '01234567.01',
    '01234567.-1',
    '01234567.1e3',
    'ABCDEF01.1',
    '01234567.1\n',
  ])
    expect(parseRunTime(text), text).toBeUndefined();
});
