import type { Random } from '@peerage/swarm';
import { mutateBytes } from './bytes.ts';

const ids = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 20, 21, 255];
const fields = [
  0, 1, 2, 3, 8, 9, 15, 16, 0x3fff, 0x4000, 0x4001, 0x7c000, 0x7fffe, 0x7ffff, 0x80000, 0x80001, 0x7fffffff, 0x80000000,
  0xffffffff,
];

/** One change to a stream of length-prefixed messages: of one message's field, of their order, or a message of its own making. */
export function mutateFrames(stream: Uint8Array, random: Random): Uint8Array {
  const frames = split(Buffer.from(stream));
  const at = random.below(frames.length + 1);
  switch (random.below(7)) {
    case 0:
      frames.splice(at, 1);
      break;
    case 1:
      frames.splice(at, 0, made(random));
      break;
    case 2:
      frames.splice(at, 0, ...frames.splice(random.below(frames.length + 1), 1));
      break;
    case 3:
      if (at < frames.length) frames[at] = withBody(mutateBytes(frames[at]!.subarray(4), frames[at]!, [], random));
      break;
    case 4: {
      const frame = Buffer.from(frames[at] ?? []);
      const byte = 5 + random.below(Math.max(1, frame.length - 5));
      if (byte < frame.length) frame[byte]! ^= 1 << random.below(8);
      if (at < frames.length) frames[at] = frame;
      break;
    }
    default: {
      const frame = Buffer.from(frames[at] ?? made(random));
      const field = 5 + 4 * random.below(3);
      if (frame.length < field + 4) frame[4] = random.pick(ids)!;
      else frame.writeUInt32BE(near(frame.readUInt32BE(field), random), field);
      if (at < frames.length) frames[at] = frame;
    }
  }
  return Buffer.concat(frames);
}

function made(random: Random): Buffer {
  const words = Array.from({ length: random.pick([0, 1, 3])! }, () => random.pick(fields)!);
  const body = Buffer.alloc(1 + words.length * 4 + (random.chance(0.2) ? random.below(40) : 0), 0x5a);
  body[0] = random.pick(ids)!;
  for (const [at, word] of words.entries()) body.writeUInt32BE(word, 1 + at * 4);
  return withBody(body);
}

const near = (word: number, random: Random): number =>
  (random.chance(0.4) ? random.pick(fields)! : word + random.below(5) - 2) >>> 0;

function withBody(body: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeUInt32BE(body.length);
  frame.set(body, 4);
  return frame;
}

function split(stream: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  while (stream.length - at >= 4) {
    const end = Math.min(stream.length, at + 4 + stream.readUInt32BE(at));
    frames.push(stream.subarray(at, end));
    at = end;
  }
  if (at < stream.length) frames.push(stream.subarray(at));
  return frames;
}
