import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BencodeError } from './bencode-reader.ts';
import { type BencodeValue, decodeBencode } from './decode.ts';
import { encodeBencode } from './encode.ts';

const limits = { maxBytes: 1 << 20, maxTokens: 10_000, maxDepth: 32 };
const bytes = (latin1: string): Uint8Array => new Uint8Array(Buffer.from(latin1, 'latin1'));
const decode = (latin1: string): BencodeValue => decodeBencode(bytes(latin1), limits);

const anyKey = fc.uint8Array({ maxLength: 12 }).map((key) => Buffer.from(key).toString('latin1'));
const anyValue: fc.Arbitrary<BencodeValue> = fc.letrec<{ value: BencodeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.array(fc.tuple(anyKey, tie('value')), { maxLength: 6 }).map((entries) => new Map(entries)),
  ),
})).value;

describe('what is canonical is read', () => {
  test.each<[string, BencodeValue]>([
    ['i0e', 0],
    ['i-1e', -1],
    ['i9007199254740991e', Number.MAX_SAFE_INTEGER],
    ['i-9007199254740991e', Number.MIN_SAFE_INTEGER],
    ['0:', bytes('')],
    ['3:\x00\xffa', bytes('\x00\xffa')],
    ['le', []],
    ['de', new Map()],
    ['li1e1:ae', [1, bytes('a')]],
    [
      'd0:i1e1:ad1:bleee',
      new Map<string, BencodeValue>([
        ['', 1],
        ['a', new Map([['b', []]])],
      ]),
    ],
    [
      'd1:\x7fi1e1:\x80i2ee',
      new Map([
        ['\x7f', 1],
        ['\x80', 2],
      ]),
    ],
  ])('%j', (encoded, value) => {
    expect(decode(encoded)).toEqual(value);
    expect(encodeBencode(value)).toEqual(bytes(encoded));
  });
});

describe('what is not canonical is refused', () => {
  test.each([
    ['', 'the value is cut off (byte 0)'],
    ['x', 'no value begins here (byte 0)'],
    ['e', 'a byte string is expected (byte 0)'],
    ['-1:a', 'no value begins here (byte 0)'],
    ['i', 'a digit is expected (byte 1)'],
    ['ie', 'a digit is expected (byte 1)'],
    ['i-e', 'a digit is expected (byte 2)'],
    ['i+1e', 'a digit is expected (byte 1)'],
    ['i 1e', 'a digit is expected (byte 1)'],
    ['i1', 'the end of an integer is expected (byte 2)'],
    ['i1.5e', 'the end of an integer is expected (byte 2)'],
    ['i00e', 'a number begins with zero (byte 3)'],
    ['i01e', 'a number begins with zero (byte 3)'],
    ['i-01e', 'a number begins with zero (byte 4)'],
    ['i-0e', 'minus zero (byte 3)'],
    ['i9007199254740992e', 'a number above 2^53 - 1 (byte 16)'],
    ['i99999999999999999999999999e', 'a number above 2^53 - 1 (byte 16)'],
    ['1', 'the colon of a byte string is expected (byte 1)'],
    ['01:a', 'a number begins with zero (byte 2)'],
    ['00:', 'a number begins with zero (byte 2)'],
    ['2:a', 'a byte string runs past the end (byte 2)'],
    ['9007199254740991:a', 'a byte string runs past the end (byte 17)'],
    ['1:ab', 'bytes follow the value (byte 3)'],
    ['i1ei2e', 'bytes follow the value (byte 3)'],
    ['dee', 'bytes follow the value (byte 2)'],
    ['l', 'the value is cut off (byte 1)'],
    ['li1e', 'the value is cut off (byte 4)'],
    ['d', 'the value is cut off (byte 1)'],
    ['d1:a', 'the value is cut off (byte 4)'],
    ['d1:ae', 'a byte string is expected (byte 4)'],
    ['di1ei2ee', 'a byte string is expected (byte 1)'],
    ['d1:bi1e1:ai2ee', 'keys are not sorted (byte 7)'],
    ['d1:ai1e1:ai2ee', 'a key comes twice (byte 7)'],
    ['d0:i1e0:i2ee', 'a key comes twice (byte 6)'],
    ['d2:aai1e1:ai2ee', 'keys are not sorted (byte 8)'],
    ['d1:\x80i1e1:\x7fi2ee', 'keys are not sorted (byte 7)'],
  ])('%j: %s', (encoded, message) => {
    expect(() => decode(encoded)).toThrowError(
      expect.objectContaining({ name: 'BencodeError', message, reason: 'malformed' }),
    );
  });
});

describe('limits', () => {
  test('bytes, before anything is read', () => {
    expect(() => decodeBencode(bytes('i10e'), { ...limits, maxBytes: 3 })).toThrowError('more than 3 bytes (byte 0)');
  });
  test('tokens, keys among them', () => {
    expect(decodeBencode(bytes('d1:ai1ee'), { ...limits, maxTokens: 3 })).toEqual(new Map([['a', 1]]));
    expect(() => decodeBencode(bytes('d1:ai1ee'), { ...limits, maxTokens: 2 })).toThrowError('more than 2 tokens');
  });
  test('depth, without overflowing the stack', () => {
    expect(decodeBencode(bytes('lle4:lllle'), { ...limits, maxDepth: 2 })).toEqual([[], bytes('llll')]);
    expect(() => decodeBencode(bytes('llleee'), { ...limits, maxDepth: 2 })).toThrowError('more than 2 lists');
    const deep = bytes('l'.repeat(200_000) + 'e'.repeat(200_000));
    const open = { maxBytes: 1 << 20, maxTokens: 1 << 20, maxDepth: 1 << 20 };
    expect(() => decodeBencode(deep, limits)).toThrowError('more than 32 lists');
    expect(decodeBencode(deep, open)).toHaveLength(1);
  });
  test('keys', () => {
    const key = 'k'.repeat(255);
    expect(decode(`d255:${key}i1ee`)).toEqual(new Map([[key, 1]]));
    expect(() => decode(`d256:${key}ki1ee`)).toThrowError('a key of more than 255 bytes');
  });
});

test('numbers and keys that bencode has not are not encoded', () => {
  for (const number of [0.5, Number.NaN, Infinity, 2 ** 53]) expect(() => encodeBencode(number)).toThrow(RangeError);
  expect(() => encodeBencode(new Map([['\u0100', 1]]))).toThrow(RangeError);
  expect(encodeBencode(-0)).toEqual(bytes('i0e'));
});

test('byte strings are views, not copies', () => {
  const source = bytes('l3:abce');
  const [view] = decodeBencode(source, limits) as [Uint8Array];
  expect(view.buffer).toBe(source.buffer);
});

test('every value comes back from its encoding', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      expect(decodeBencode(encodeBencode(value), limits)).toEqual(withoutMinusZero(value));
    }),
  );
});

test('whatever is accepted is the one encoding of its value; everything else is a BencodeError', () => {
  const mutated = fc
    .tuple(anyValue, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }), fc.nat())
    .map(([value, changes, cut]) => {
      const encoded = encodeBencode(value);
      for (const [at, byte] of changes) encoded[at % encoded.length] = byte;
      return cut % 4 === 0 ? encoded.subarray(0, cut % encoded.length) : encoded;
    });
  const grammar = fc
    .array(fc.constantFrom(...'idle0123456789:-ab'), { maxLength: 30 })
    .map((text) => bytes(text.join('')));
  fc.assert(
    fc.property(fc.oneof(mutated, grammar, fc.uint8Array({ maxLength: 60 })), (input) => {
      let value: BencodeValue;
      try {
        value = decodeBencode(input, limits);
      } catch (error) {
        expect(error).toBeInstanceOf(BencodeError);
        return;
      }
      expect(encodeBencode(value)).toEqual(Uint8Array.from(input));
    }),
    { numRuns: 3000 },
  );
});

/** The same value with -0 as 0, which is how bencode has it; Map equality ignores order. */
function withoutMinusZero(value: BencodeValue): BencodeValue {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (value instanceof Uint8Array) return value;
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [key, withoutMinusZero(inner)]));
  return (value as readonly BencodeValue[]).map(withoutMinusZero);
}
