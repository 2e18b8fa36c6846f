import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean, cleanAll, jsonLine } from './clean.ts';

describe('clean', () => {
  it.each([
    ['größe 文件 👍 e\u0301', 'größe 文件 👍 e\u0301'],
    ['\x1b[2Jgone', '\\x1b[2Jgone'],
    ['a\nb\r\tc\x7f', 'a\\x0ab\\x0d\\x09c\\x7f'],
    ['\x9b31m', '\\x9b31m'],
    ['iso\u202Ecod.exe', 'iso\\u202ecod.exe'],
    ['\u2066x\u2069\u200f\u061c', '\\u2066x\\u2069\\u200f\\u061c'],
    ['half \ud83d', 'half \\ud83d'],
  ])('shows %j harmlessly', (text, shown) => {
    expect(clean(text)).toBe(shown);
  });

  it('reaches every string of plain data and changes nothing else', () => {
    expect(cleanAll({ a: ['\x1b', { b: '\n' }], n: 1, z: null, t: true })).toEqual({
      a: ['\\x1b', { b: '\\x0a' }],
      n: 1,
      z: null,
      t: true,
    });
  });
});

describe('jsonLine', () => {
  it('is one harmless line with the same value', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (value) => {
        const plain = JSON.parse(JSON.stringify({ value })) as unknown;
        expect(JSON.parse(jsonLine(plain))).toEqual(plain);
      }),
    );
    const line = jsonLine({ name: 'a\u2028b\u0085c\u202ed\x1b\n\ud800' });
    expect(line).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(line)).toEqual({ name: 'a\u2028b\u0085c\u202ed\x1b\n\ud800' });
  });
});
