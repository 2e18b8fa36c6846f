import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, type Block, Geometry, PIECE_BYTES } from '../geometry.ts';
import type { PeerMessage } from '../messages.ts';
import { WireDecoder, type WireFeatures, type WireSink } from './wire-decoder.ts';
import { encodeMessage, encodePieceHeader } from './wire-encode.ts';
import { WireError } from './wire-error.ts';

const everything: WireFeatures = { fast: true, extended: true };
/** Ten pieces, the last of 100 bytes. */
const geometry = new Geometry(9 * PIECE_BYTES + 100);
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

type Seen =
  | { readonly message: PeerMessage }
  | { readonly block: Block; readonly payload: string | null }
  | { readonly refused: string };

/** Feeds chunks from one reused buffer, as sockets do, and tells what came out, a refusal last. */
function decode(
  chunks: readonly Uint8Array[],
  options: { features?: WireFeatures; wants?: (block: Block) => boolean; wholePieces?: boolean } = {},
) {
  const seen: Seen[] = [];
  let target: Uint8Array | null = null;
  const decoder = new WireDecoder(geometry, options.features ?? everything, {
    message: (message) => seen.push({ message }),
    blockTarget: (block) => {
      target = (options.wants?.(block) ?? true) ? new Uint8Array(block.lengthBytes) : null;
      return target;
    },
    block: (block, wanted) => {
      expect(wanted).toBe(target !== null);
      seen.push({ block, payload: target && Buffer.from(target).toString('latin1') });
    },
  });
  if (options.wholePieces) decoder.takeWholePieces();
  const scratch = new Uint8Array(Math.max(0, ...chunks.map((chunk) => chunk.length)));
  try {
    for (const chunk of chunks) {
      scratch.set(chunk);
      decoder.push(scratch.subarray(0, chunk.length));
      scratch.fill(0xee);
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    seen.push({ refused: error.reason });
  }
  return seen;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge));
}

const anyPiece = fc.nat({ max: geometry.pieceCount - 1 }).map((index) => geometry.piece(index)!);
const anyBlock = fc
  .record({
    piece: anyPiece,
    offset: fc.nat({ max: PIECE_BYTES - 1 }),
    length: fc.integer({ min: 1, max: BLOCK_BYTES }),
  })
  .map(({ piece, offset, length }) => {
    const offsetBytes = offset % geometry.pieceLengthBytes(piece);
    return geometry.block(piece, offsetBytes, Math.min(length, geometry.pieceLengthBytes(piece) - offsetBytes))!;
  });
const bareTypes = ['keep_alive', 'choke', 'unchoke', 'interested', 'not_interested', 'have_all', 'have_none'] as const;
const anyMessage: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom(...bareTypes) }),
  fc.record({ type: fc.constantFrom('have', 'suggest_piece', 'allowed_fast'), piece: anyPiece }),
  fc.record({ type: fc.constantFrom('request', 'cancel', 'reject_request'), block: anyBlock }),
  fc.record({
    type: fc.constant('bitfield'),
    bits: fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 3 })).map(([first, last]) => Uint8Array.of(first, last << 6)),
  }),
  fc.record({ type: fc.constant('extended'), id: fc.nat({ max: 255 }), payload: fc.uint8Array({ maxLength: 100 }) }),
) as fc.Arbitrary<PeerMessage>;
const anyItem: fc.Arbitrary<Seen> = fc.oneof(
  { weight: 3, arbitrary: anyMessage.map((message) => ({ message })) },
  anyBlock.map((block) => ({ block, payload: pattern(block) })),
);

/** Bytes that tell where in a block they belong, as latin-1: texts compare fast. */
function pattern(block: Block): string {
  const bytes = Buffer.alloc(block.lengthBytes);
  for (let at = 0; at < bytes.length; at++) bytes[at] = block.piece * 31 + block.offsetBytes + at * 7;
  return bytes.toString('latin1');
}

function encode(items: readonly Seen[]): Uint8Array {
  return Buffer.concat(
    items.flatMap((item) => {
      if ('message' in item) return [encodeMessage(item.message)];
      if ('block' in item) return [encodePieceHeader(item.block), Buffer.from(item.payload!, 'latin1')];
      return [];
    }),
  );
}

describe('written by hand', () => {
  const block = geometry.block(9, 16, 4)!;
  test.each<[string, PeerMessage]>([
    ['00000000', { type: 'keep_alive' }],
    ['00000001 00', { type: 'choke' }],
    ['00000001 01', { type: 'unchoke' }],
    ['00000001 02', { type: 'interested' }],
    ['00000001 03', { type: 'not_interested' }],
    ['00000005 04 00000009', { type: 'have', piece: geometry.piece(9)! }],
    ['00000003 05 ffc0', { type: 'bitfield', bits: Uint8Array.of(0xff, 0xc0) }],
    ['0000000d 06 00000009 00000010 00000004', { type: 'request', block }],
    ['0000000d 08 00000009 00000010 00000004', { type: 'cancel', block }],
    ['00000005 0d 00000001', { type: 'suggest_piece', piece: geometry.piece(1)! }],
    ['00000001 0e', { type: 'have_all' }],
    ['00000001 0f', { type: 'have_none' }],
    ['0000000d 10 00000009 00000010 00000004', { type: 'reject_request', block }],
    ['00000005 11 00000000', { type: 'allowed_fast', piece: geometry.piece(0)! }],
    ['00000004 14 00 6465', { type: 'extended', id: 0, payload: hex('6465') }],
    ['00000002 14 ff', { type: 'extended', id: 255, payload: hex('') }],
  ])('%s', (bytes, message) => {
    expect(decode([hex(bytes)])).toEqual([{ message }]);
    expect(Buffer.from(encodeMessage(message)).equals(hex(bytes))).toBe(true);
  });

  test('a block: its payload goes to the place asked for', () => {
    expect(Buffer.from(encodePieceHeader(block)).equals(hex('0000000d 07 00000009 00000010'))).toBe(true);
    expect(decode([hex('0000000d 07 00000009 00000010 01020304')])).toEqual([{ block, payload: '\x01\x02\x03\x04' }]);
  });

  test('a block that nobody wants passes by, and the message behind it is read', () => {
    const bytes = hex('0000000d 07 00000009 00000010 01020304 00000001 01');
    expect(decode([bytes], { wants: () => false })).toEqual([
      { block, payload: null },
      { message: { type: 'unchoke' } },
    ]);
  });
});

describe('refused as soon as it is known', () => {
  const nothing: WireFeatures = { fast: false, extended: false };
  test.each<[string, string, string, WireFeatures?]>([
    ['choke with a body', '00000002 00', 'bad_length'],
    ['have, short', '00000004 04', 'bad_length'],
    ['have, long', '00000006 04', 'bad_length'],
    ['have of a piece that is not there', '00000005 04 0000000a', 'bad_piece'],
    ['have of piece 2^32 - 1', '00000005 04 ffffffff', 'bad_piece'],
    ['suggest of a piece that is not there', '00000005 0d 0000000a', 'bad_piece'],
    ['allowed fast of a piece that is not there', '00000005 11 0000000a', 'bad_piece'],
    ['bitfield, short', '00000002 05', 'bad_length'],
    ['bitfield, long', '00000004 05', 'bad_length'],
    ['bitfield of 4 GiB', 'ffffffff 05', 'bad_length'],
    ['bitfield with a spare bit', '00000003 05 ffe0', 'bad_bitfield'],
    ['request, short', '0000000c 06', 'bad_length'],
    ['request behind the end', '0000000d 06 00000009 00000010 00000055', 'bad_block'],
    ['request of nothing', '0000000d 06 00000000 00000000 00000000', 'bad_block'],
    ['request of more than 16 KiB', '0000000d 06 00000000 00000000 00004001', 'bad_block'],
    ['request of a piece that is not there', '0000000d 06 0000000a 00000000 00000001', 'bad_block'],
    ['request at a wild offset', '0000000d 06 00000000 ffffffff 00000002', 'bad_block'],
    ['cancel of more than 16 KiB', '0000000d 08 00000000 00000000 00004001', 'bad_block'],
    ['reject of nothing', '0000000d 10 00000000 00000000 00000000', 'bad_block'],
    ['block without payload', '00000009 07', 'bad_length'],
    ['block without a head', '00000001 07', 'bad_length'],
    ['block of 16 KiB and a byte', '0000400a 07', 'too_long'],
    ['block of 4 GiB', 'ffffffff 07', 'too_long'],
    ['block across the end of its piece', '0000000b 07 00000000 0007ffff', 'bad_block'],
    ['block of a piece that is not there', '0000000a 07 0000000a 00000000', 'bad_block'],
    ['extended without an id', '00000001 14', 'bad_length'],
    ['extended of 64 KiB and a byte', '00010002 14', 'too_long'],
    ['unknown message of 64 KiB and a byte', '00010002 63', 'too_long'],
    ['unknown message of 4 GiB', 'ffffffff 63', 'too_long'],
    ['have all, not agreed on', '00000001 0e', 'fast_not_negotiated', nothing],
    ['suggest, not agreed on', '00000005 0d', 'fast_not_negotiated', nothing],
    ['have none, not agreed on', '00000001 0f', 'fast_not_negotiated', nothing],
    ['allowed fast, not agreed on', '00000005 11', 'fast_not_negotiated', nothing],
    ['reject, not agreed on', '0000000d 10', 'fast_not_negotiated', nothing],
    ['extended, not agreed on', '00000002 14', 'extension_not_negotiated', nothing],
    ['HTTP', '47455420 2f', 'too_long'],
  ])('%s', (_, bytes, reason, features = everything) => {
    expect(decode([hex(bytes)], { features })).toEqual([{ refused: reason }]);
    expect(decode([hex(bytes).subarray(0, -1)], { features })).toEqual([]);
  });
});

describe('whole pieces', () => {
  const wholePieces = true;
  const block = geometry.wholePiece(1, 0, PIECE_BYTES)!;
  const bytes = Buffer.concat([
    ...(['request', 'cancel', 'reject_request'] as const).map((type) => encodeMessage({ type, block })),
    encodePieceHeader(block),
    Buffer.from(pattern(block), 'latin1'),
  ]);

  test('are read where both sides take them, however they are cut', () => {
    const expected = [
      ...(['request', 'cancel', 'reject_request'] as const).map((type) => ({ message: { type, block } })),
      { block, payload: pattern(block) },
    ];
    expect(decode([bytes], { wholePieces })).toEqual(expected);
    expect(decode(cut(bytes, [3, 60, 70, 16_384, 500_000]), { wholePieces })).toEqual(expected);
  });

  test('that nobody wants pass by', () => {
    const seen = decode([bytes.subarray(51), hex('00000001 01')], { wholePieces, wants: () => false });
    expect(seen).toEqual([{ block, payload: null }, { message: { type: 'unchoke' } }]);
  });

  test.each([
    ['a request, not agreed on', '0000000d 06 00000001 00000000 00080000', false, 'bad_block'],
    ['a block, not agreed on', '00080009 07', false, 'too_long'],
    ['a request of a byte less', '0000000d 06 00000001 00000000 0007ffff', true, 'bad_block'],
    ['a request of a byte more', '0000000d 06 00000001 00000000 00080001', true, 'bad_block'],
    ['a request of 32 KiB', '0000000d 06 00000001 00000000 00008000', true, 'bad_block'],
    ['a request of the last piece, as long as the others', '0000000d 06 00000009 00000000 00080000', true, 'bad_block'],
    ['a block from its second byte on', '00080009 07 00000001 00000001', true, 'bad_block'],
    ['a block of 32 KiB', '00008009 07 00000001 00000000', true, 'bad_block'],
    ['a block of a piece and a byte', '0008000a 07', true, 'too_long'],
    ['a block of 4 GiB', 'ffffffff 07', true, 'too_long'],
  ])('refused: %s', (_, bytesOfIt, agreed, reason) => {
    expect(decode([hex(bytesOfIt)], { wholePieces: agreed })).toEqual([{ refused: reason }]);
  });
});

describe('messages that it does not know', () => {
  test('pass by, up to 64 KiB', () => {
    const unknown = new Uint8Array(4 + 1 + 65_536).fill(0x99);
    unknown.set(hex('00010001 09'));
    expect(decode([unknown, hex('00000001 01')])).toEqual([{ message: { type: 'unchoke' } }]);
    expect(decode([hex('00000001 63 00000003 63 0000 00000001 01')])).toEqual([{ message: { type: 'unchoke' } }]);
  });
});

test('an extended message of 64 KiB is read', () => {
  const message: PeerMessage = { type: 'extended', id: 3, payload: new Uint8Array(65_535).fill(7) };
  expect(decode([encodeMessage(message)])).toEqual([{ message }]);
  expect(() => encodeMessage({ ...message, payload: new Uint8Array(65_536) })).toThrow(RangeError);
});

test('an empty share has an empty bitfield and no piece', () => {
  const messages: PeerMessage[] = [];
  const decoder = new WireDecoder(
    new Geometry(0),
    everything,
    sinkOf({ message: (message) => messages.push(message) }),
  );
  decoder.push(hex('00000001 05'));
  expect(messages).toEqual([{ type: 'bitfield', bits: new Uint8Array(0) }]);
  expect(() => decoder.push(hex('00000005 04 00000000'))).toThrow(WireError);
});

test('what was encoded comes out, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 20 }), (items, places) => {
      expect(decode(cut(encode(items), places))).toEqual(items);
    }),
    { numRuns: 200 },
  );
});

test('byte by byte is the same as at once', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 10 }), (messages) => {
      const bytes = encode(messages.map((message) => ({ message })));
      expect(decode([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(decode([bytes]));
    }),
  );
});

/** Frames with lengths and ids near what is valid, as hostile peers make them, and plain noise. */
const hostileBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(
      fc.record({
        id: fc.oneof(fc.constantFrom(...Array.from({ length: 22 }, (_, id) => id)), fc.nat({ max: 255 })),
        body: fc.oneof(
          fc.uint8Array({ maxLength: 20 }),
          fc
            .array(fc.constantFrom(0, 0, 0, 1, 9, 10, 100), { minLength: 2, maxLength: 16 })
            .map((body) => Uint8Array.from(body)),
        ),
        lie: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -2, max: 20_000 })),
      }),
      { maxLength: 8 },
    )
    .map((frames) =>
      Buffer.concat(
        frames.map(({ id, body, lie }) => {
          const bytes = Buffer.alloc(5 + body.length);
          bytes.writeUInt32BE(Math.max(0, 1 + body.length + lie));
          bytes[4] = id;
          bytes.set(body, 5);
          return bytes;
        }),
      ),
    ),
  fc
    .tuple(
      fc.array(anyItem, { minLength: 1, maxLength: 5 }),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
    )
    .map(([items, changes]) => {
      const bytes = encode(items);
      for (const [at, byte] of changes) bytes[at % Math.min(bytes.length, 64)] = byte;
      return bytes;
    }),
);

test('hostile bytes are decoded alike however they are cut, and every message that comes out can be encoded', () => {
  fc.assert(
    fc.property(
      hostileBytes,
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.boolean(),
      fc.boolean(),
      (bytes, places, fast, wants) => {
        const options = { features: { fast, extended: true }, wants: () => wants };
        const seen = decode([bytes], options);
        expect(decode(cut(bytes, places), options)).toEqual(seen);
        const messages = seen.filter((item) => 'message' in item);
        expect(decode([encode(messages)], options)).toEqual(messages);
      },
    ),
    { numRuns: 1500 },
  );
});

describe('the sink', () => {
  const block = geometry.block(0, 0, 4)!;
  const blockBytes = hex('0000000d 07 00000000 00000000 01020304');

  test('may take its place back in the middle of a payload: not a byte is written after that', () => {
    const place = new Uint8Array(4);
    const ended: unknown[] = [];
    const sink = sinkOf({ blockTarget: () => place, block: (...end) => ended.push(end) });
    const decoder = new WireDecoder(geometry, everything, sink);
    decoder.push(blockBytes.subarray(0, 15));
    decoder.dropTarget();
    place.fill(0);
    decoder.push(blockBytes.subarray(15));
    expect(place).toEqual(new Uint8Array(4));
    expect(ended).toEqual([[block, false]]);
  });

  test('that closes the decoder hears nothing more, not even of the same chunk', () => {
    const messages: PeerMessage[] = [];
    const decoder = new WireDecoder(
      geometry,
      everything,
      sinkOf({
        message: (message) => {
          messages.push(message);
          decoder.close();
        },
      }),
    );
    decoder.push(hex('00000001 01 00000001 02'));
    decoder.push(hex('00000001 02'));
    expect(messages).toEqual([{ type: 'unchoke' }]);
  });

  test('that closes the decoder while it is asked for a place gets no byte', () => {
    const place = new Uint8Array(4);
    const decoder = new WireDecoder(
      geometry,
      everything,
      sinkOf({
        blockTarget: () => {
          decoder.close();
          return place;
        },
      }),
    );
    decoder.push(blockBytes);
    expect(place).toEqual(new Uint8Array(4));
  });

  test('that gives a place of a wrong length is in error', () => {
    const decoder = new WireDecoder(geometry, everything, sinkOf({ blockTarget: () => new Uint8Array(3) }));
    expect(() => decoder.push(blockBytes)).toThrow(RangeError);
  });

  test('hears nothing after a refusal', () => {
    const messages: PeerMessage[] = [];
    const decoder = new WireDecoder(geometry, everything, sinkOf({ message: (message) => messages.push(message) }));
    expect(() => decoder.push(hex('00000002 00'))).toThrow(WireError);
    decoder.push(hex('00000001 01'));
    expect(messages).toEqual([]);
  });
});

function sinkOf(part: Partial<WireSink>): WireSink {
  return { message: () => {}, blockTarget: () => null, block: () => {}, ...part };
}
