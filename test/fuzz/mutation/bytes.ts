import type { Random } from '@peerage/swarm';

const edgeNumbers = [
  '0', '-0', '-1', '1', '00', '01', '7', '8', '9', '10', '16', '20', '21', '31', '32', '33', '63', '64', '65', '127', '128', '255', '256', '257',
  '1000', '1024', '1025', '4096', '65535', '65536', '524287', '524288', '524289', '2147483647', '2147483648', '4294967295', '4294967296',
  '9007199254740991', '9007199254740992', '99999999999999999999', '1e9', '+1', '0x10',
] as const; // biome-ignore format: a table
const edgeWords = [
  0, 1, 2, 5, 9, 10, 13, 0x3fff, 0x4000, 0x4001, 0x4009, 0x400a, 0xffff, 0x10000, 0x10001, 0x10002, 0x7fffffff,
  0x80000000, 0xffffffff,
];
const edgeBytes = [
  0, 1, 9, 10, 13, 0x20, 0x22, 0x2d, 0x2e, 0x2f, 0x30, 0x39, 0x3a, 0x5c, 0x64, 0x65, 0x69, 0x6c, 0x7f, 0x80, 0xc0, 0xed,
  0xff,
];
/** Sequences that are no UTF-8, and characters that names must not have or that have two spellings. */
const oddTexts = [
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xe2, 0x80, 0xae],
  [0xe2, 0x80, 0xa8],
  [0xc2, 0x85],
  [0x65, 0xcc, 0x81],
  [0xc3, 0xa9],
  [0xe2, 0x84, 0xaa],
  [0xc4, 0xb0],
  [0xf0, 0x9f, 0x98, 0x80],
  [0x2e, 0x2e],
  [0x2e, 0x2e, 0x2f],
  [0],
];

/** One change of bytes that knows nothing of their form. `other` is another input, `words` are texts that the decoder knows. */
export function mutateBytes(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: Random,
): Uint8Array {
  const bytes = Buffer.from(input);
  const at = random.below(bytes.length + 1);
  switch (random.below(13)) {
    case 0:
      if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = random.pick(edgeBytes)!;
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return put(bytes, at, random.below(8), Buffer.alloc(0));
    case 4:
      return put(bytes, at, 0, bytes.subarray(at, at + 1 + random.below(32)));
    case 5:
      return put(bytes, at, 0, Buffer.from(random.pick(words) ?? ''));
    case 6: {
      const from = random.below(other.length + 1);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from)]);
    }
    case 7: {
      const from = random.below(other.length + 1);
      return put(bytes, at, random.below(16), other.subarray(from, from + random.below(64)));
    }
    case 8:
      return editDigits(bytes, random);
    case 9: {
      if (bytes.length < 4) return bytes;
      const word = bytes.readUInt32BE(Math.min(at, bytes.length - 4));
      const changed = random.chance(0.5) ? random.pick(edgeWords)! : word + random.below(5) - 2;
      bytes.writeUInt32BE(changed >>> 0, Math.min(at, bytes.length - 4));
      return bytes;
    }
    case 10:
      return put(bytes, at, random.below(3), Buffer.from(random.pick(oddTexts)!));
    case 11:
      return put(bytes, at, 0, Buffer.alloc(1 + random.below(300), random.pick(edgeBytes)!));
    default: {
      const noise = Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
      return put(bytes, at, random.below(8), noise);
    }
  }
}

function put(bytes: Buffer, at: number, removed: number, added: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}

/** Another number in the place of one that is written in digits. */
function editDigits(bytes: Buffer, random: Random): Buffer {
  const runs = [...bytes.toString('latin1').matchAll(/-?\d+/g)];
  const run = random.pick(runs);
  if (run === undefined) return bytes;
  return put(bytes, run.index, run[0].length, Buffer.from(edgeNumber(run[0], random)));
}

export function edgeNumber(digits: string, random: Random): string {
  switch (random.below(4)) {
    case 0:
      return String(Number(digits) + random.below(5) - 2);
    case 1:
      return `0${digits}`;
    default:
      return random.pick(edgeNumbers)!;
  }
}
