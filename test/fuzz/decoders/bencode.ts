import { BencodeError } from '../../../packages/bittorrent/src/bencode/bencode-reader.ts';
import { type BencodeValue, decodeBencode } from '../../../packages/bittorrent/src/bencode/decode.ts';
import { encodeBencode } from '../../../packages/bittorrent/src/bencode/encode.ts';
import { accepted, attempt, type Decoder, demand, refused, sameBytes } from '../decoder.ts';
import { mutateBencode } from '../mutation/bencode.ts';
import { NotCanonical, type Reference, referenceBencode } from '../reference/bencode.ts';

const limits = { maxBytes: 2048, maxTokens: 40, maxDepth: 5 };
const words = [
  'i0e',
  'i-1e',
  '0:',
  '1:a',
  'le',
  'de',
  'd1:a0:1:b0:e',
  'llllleeeee',
  'dlllleeeee',
  'a',
  'b',
  'key',
  'k'.repeat(255),
  'k'.repeat(256),
];

export const bencode: Decoder = {
  name: 'bencode',
  words,
  maxBytes: 2600,
  seeds: () => [
    encodeBencode(0),
    encodeBencode(-42),
    encodeBencode(Number.MAX_SAFE_INTEGER),
    encodeBencode(Buffer.from('spam')),
    encodeBencode([1, [Buffer.alloc(0)], new Map()]),
    encodeBencode(
      new Map<string, BencodeValue>([
        ['a', 1],
        ['b', [2, new Map([['\xff', Buffer.from('x')]])]],
        ['', 0],
      ]),
    ),
    encodeBencode(new Map([['k'.repeat(255), [[[[]]]]]])),
    encodeBencode(Array.from({ length: 39 }, (_, at) => at)),
  ],
  mutate: (input, random) => mutateBencode(input, words, random),
  check(input) {
    const expected = expectation(input);
    const got = attempt(
      () => decodeBencode(input, limits),
      (error) => error instanceof BencodeError,
    );
    if ('refusal' in got) {
      demand(expected === undefined, `refuses canonical bencoding: ${got.refusal.message}`);
      return refused(got.refusal.message);
    }
    demand(expected !== undefined, 'accepts what is not canonical or over a limit');
    demand(alike(got.value, expected), 'reads another value than the reference');
    demand(sameBytes(encodeBencode(got.value), input), 'encodes to other bytes than it was decoded from');
    return accepted(`accepted ${typeof got.value}`);
  },
};

/** What the decoder has to read, undefined where it has to refuse. */
function expectation(input: Uint8Array): Reference | undefined {
  const { value, counts } = referenceOrNothing(input) ?? {};
  if (value === undefined || counts === undefined || input.length > limits.maxBytes) return undefined;
  return counts.tokens > limits.maxTokens || counts.deepest > limits.maxDepth ? undefined : value;
}

export function referenceOrNothing(input: Uint8Array): ReturnType<typeof referenceBencode> | undefined {
  try {
    return referenceBencode(input);
  } catch (error) {
    if (error instanceof NotCanonical) return undefined;
    throw error;
  }
}

export function alike(value: BencodeValue, expected: Reference): boolean {
  if (typeof value === 'number' || typeof expected === 'number') return Object.is(value, expected);
  if (value instanceof Uint8Array) return 'text' in expected && Buffer.from(value).toString('latin1') === expected.text;
  if (value instanceof Map) {
    if (!(expected instanceof Map) || value.size !== expected.size) return false;
    return [...expected].every(([key, item]) => value.has(key) && alike(value.get(key)!, item));
  }
  const items = value as readonly BencodeValue[];
  return (
    Array.isArray(expected) && items.length === expected.length && items.every((item, at) => alike(item, expected[at]!))
  );
}
