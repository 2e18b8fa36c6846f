import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseInfoHash } from '../ids.ts';
import { encodeHandshake, HANDSHAKE_BYTES, type Handshake, HandshakeReader } from './handshake.ts';

const example: Handshake = {
  infoHash: parseInfoHash('000102030405060708090a0b0c0d0e0f10111213')!,
  peerId: new Uint8Array(Buffer.from('-PG0100-abcdefghijkl')),
  fast: true,
  extended: true,
};
const exampleHex = `13${Buffer.from('BitTorrent protocol').toString('hex')}0000000000100004${example.infoHash}${Buffer.from(example.peerId).toString('hex')}`;
const exampleBytes = new Uint8Array(Buffer.from(exampleHex, 'hex'));

const anyHandshake: fc.Arbitrary<Handshake> = fc.record({
  infoHash: fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((hash) => parseInfoHash(Buffer.from(hash).toString('hex'))!),
  peerId: fc.uint8Array({ minLength: 20, maxLength: 20 }),
  fast: fc.boolean(),
  extended: fc.boolean(),
});

test('the example of the specification', () => {
  expect(Buffer.from(encodeHandshake(example)).toString('hex')).toBe(exampleHex);
  expect(new HandshakeReader().push(exampleBytes)).toEqual({ handshake: example, consumedBytes: HANDSHAKE_BYTES });
});

test('comes back from its bytes, however they are cut, and leaves what follows', () => {
  fc.assert(
    fc.property(anyHandshake, fc.nat({ max: 67 }), fc.nat({ max: 67 }), fc.nat({ max: 9 }), (handshake, a, b, tail) => {
      const bytes = Buffer.concat([encodeHandshake(handshake), Buffer.alloc(tail, 0x55)]);
      const [first, second] = [Math.min(a, b), Math.max(a, b)];
      const reader = new HandshakeReader();
      expect(reader.push(bytes.subarray(0, first))).toBeUndefined();
      expect(reader.push(bytes.subarray(first, second))).toBeUndefined();
      const result = reader.push(bytes.subarray(second));
      expect(result).toEqual({ handshake, consumedBytes: HANDSHAKE_BYTES - second });
    }),
  );
});

test('keeps nothing of the chunk', () => {
  const chunk = Uint8Array.from(exampleBytes);
  const result = new HandshakeReader().push(chunk)!;
  chunk.fill(0);
  expect(result.handshake).toEqual(example);
});

test('reserved bits of other extensions are passed over', () => {
  const chunk = Uint8Array.from(exampleBytes);
  chunk.fill(0xff, 20, 28);
  expect(new HandshakeReader().push(chunk)!.handshake).toEqual(example);
  chunk.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0xff, 0xfb], 20);
  expect(new HandshakeReader().push(chunk)!.handshake).toEqual({ ...example, fast: false, extended: false });
});

describe('another protocol is refused at its first wrong byte', () => {
  test.each([
    ['GET / HTTP/1.1\r\n', 0],
    ['\x16\x03\x01', 0],
    ['\x13BitTorrent Protocol', 12],
    ['\x14BitTorrent protocol ', 0],
    ['\x00', 0],
  ])('%j', (text, wrongAt) => {
    const bytes = new Uint8Array(Buffer.from(text, 'latin1'));
    const reader = new HandshakeReader();
    expect(reader.push(bytes.subarray(0, wrongAt))).toBeUndefined();
    expect(() => reader.push(bytes.subarray(wrongAt, wrongAt + 1))).toThrowError(
      expect.objectContaining({ name: 'WireError', reason: 'bad_protocol' }),
    );
  });
});

test('a peer id that is not 20 bytes long is not sent', () => {
  expect(() => encodeHandshake({ ...example, peerId: new Uint8Array(19) })).toThrow(RangeError);
});
