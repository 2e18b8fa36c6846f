import {
  encodeHandOvers,
  encodeRevocations,
  type KeyHandOver,
  PeerageError,
  parseHandOvers,
  parseRevocations,
  type SignedRevocation,
} from '@peerage/contract';
import { accepted, attempt, type Decoder, demand, refused, sameBytes } from '../decoder.ts';

/** What trackers sign and others pass on: rows of fixed length. */

const isOwn = (error: unknown): boolean => error instanceof PeerageError && error.code === 'protocol';
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const numberAt = (bytes: Uint8Array, at: number): bigint => BigInt(`0x${hexOf(bytes.subarray(at, at + 8))}`);

const rows: readonly SignedRevocation[] = (['application', 'login', 'device'] as const).map((kind, at) => ({
  kind,
  id: `${at}a`.repeat(16),
  atMs: 1_750_000_000_000 + at,
  issuer: 'cd'.repeat(16),
  signature: 'ef'.repeat(64),
}));

/** Revocations as peers pass them on. */
export const revocations: Decoder = {
  name: 'revocations',
  words: [
    '\x00',
    '\x01',
    '\x02',
    '\x03',
    '\x04',
    '\x00\x00\x03\xff\xff\xff\xff\xff',
    '\x00\x00\x04\x00\x00\x00\x00\x00',
  ],
  maxBytes: 2_000,
  seeds: () => [encodeRevocations([]), ...rows.map((row) => encodeRevocations([row])), encodeRevocations(rows)],
  check(input) {
    const expected = expectedRows(input);
    const got = attempt(() => parseRevocations(input), isOwn);
    demand(
      'refusal' in got === (expected === undefined),
      'takes what the specification refuses, or refuses what it allows',
    );
    if ('refusal' in got) return refused(got.refusal.message);
    demand(JSON.stringify(got.value) === JSON.stringify(expected), 'reads another row than there is');
    demand(sameBytes(encodeRevocations(got.value), input), 'writes other bytes than it read');
    return accepted(`accepted ${Math.min(3, got.value.length)}`);
  },
};

/** docs/spec/peer-wire.md: kind(1) id(16) at(8) issuer(16) signature(64). */
function expectedRows(input: Uint8Array): SignedRevocation[] | undefined {
  if (input.length % 105 !== 0) return undefined;
  const kinds = new Map([
    [1, 'application'],
    [2, 'login'],
    [3, 'device'],
  ] as const);
  const found: SignedRevocation[] = [];
  for (let at = 0; at < input.length; at += 105) {
    const kind = kinds.get(input[at] as 1 | 2 | 3);
    const time = numberAt(input, at + 17);
    if (kind === undefined || time >= 2n ** 42n) return undefined;
    found.push({
      kind,
      id: hexOf(input.subarray(at + 1, at + 17)),
      atMs: Number(time),
      issuer: hexOf(input.subarray(at + 25, at + 41)),
      signature: hexOf(input.subarray(at + 41, at + 105)),
    });
  }
  return found;
}

const LAST = '99'.repeat(32);
const chainOf = (count: number): KeyHandOver[] => {
  const key = (at: number) => (at === count ? LAST : `${at}b`.repeat(32));
  return Array.from({ length: count }, (_, at) => ({
    from: key(at),
    to: key(at + 1),
    atMs: 1_750_000_000_000 + at,
    signature: `${at}c`.repeat(64),
  }));
};

/** Hand-overs of a tracker's key, as its certificate carries them. */
export const handOvers: Decoder = {
  name: 'hand-overs',
  words: [
    '\x04\x68',
    '\x04\x81\xd0',
    '\x04\x82\x01\x38',
    '\x04\x82\x03\x40',
    '\x04\x80',
    '\x00\x1f\xff\xff\xff\xff\xff\xff',
    '\x00\x20',
  ],
  maxBytes: 1_200,
  seeds: () => [1, 2, 3, 8].map((count) => encodeHandOvers(chainOf(count))),
  check(input) {
    const expected = expectedChain(input);
    const got = attempt(() => parseHandOvers(input, LAST), isOwn);
    demand(
      'refusal' in got === (expected === undefined),
      'takes what the specification refuses, or refuses what it allows',
    );
    if ('refusal' in got) return refused(got.refusal.message);
    demand(
      JSON.stringify(got.value.map(({ from, to, atMs, signature }) => [from, to, atMs, signature])) ===
        JSON.stringify(expected),
      'reads another chain than there is',
    );
    demand(sameBytes(encodeHandOvers(got.value), input), 'writes other bytes than it read');
    return accepted(`accepted ${got.value.length}`);
  },
};

/** docs/spec/tracker-api.md: DER OCTET STRING of at most 8 × from(32) atMs(8) signature(64). */
function expectedChain(input: Uint8Array): (string | number)[][] | undefined {
  for (let count = 1; count <= 8; count++) {
    const length = count * 104;
    const size =
      length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, Math.floor(length / 256), length % 256];
    const head = Buffer.from([4, ...size]);
    if (input.length !== head.length + length || !head.equals(input.subarray(0, head.length))) continue;
    const body = input.subarray(head.length);
    const froms = Array.from({ length: count }, (_, at) => hexOf(body.subarray(at * 104, at * 104 + 32)));
    const times = Array.from({ length: count }, (_, at) => numberAt(body, at * 104 + 32));
    if (times.some((time) => time > BigInt(Number.MAX_SAFE_INTEGER))) return undefined;
    return froms.map((from, at) => [
      from,
      froms[at + 1] ?? LAST,
      Number(times[at]),
      hexOf(body.subarray(at * 104 + 40, at * 104 + 104)),
    ]);
  }
  return undefined;
}
