import {
  Bitfield,
  type Block,
  encodeMessage,
  encodePieceHeader,
  Geometry,
  type PeerMessage,
  WireDecoder,
  WireError,
} from '@peerage/bittorrent';
import { Random } from '@peerage/swarm';
import { accepted, cut, type Decoder, demand, refused, seedOf } from '../decoder.ts';
import { mutateFrames } from '../mutation/frames.ts';
import { referenceWire } from '../reference/wire.ts';

const sizes = [0, 1, 16_384, 524_287, 524_288, 524_289, 1_600_000, 8 * 524_288, 9 * 524_288 - 7, 2 ** 34];

/** From here on the first byte says that whole pieces were agreed on, too. */
const WHOLE_FROM = 128;

/** Messages of a peer: the first byte chooses the share's size and what was negotiated, the rest is the stream, cut in any way. */
export const wire: Decoder = {
  name: 'wire',
  words: [
    '\0\0\0\0',
    '\0\0\0\x01\x0e',
    '\0\0\0\x01\x0f',
    '\0\0\0\x05\x04\0\0\0\0',
    '\0\0\0\x02\x14\0',
    '\0\0\0\x0b\x07\0\0\0\0\0\0\0\0\x01\x02',
  ],
  maxBytes: 70_000,
  seeds,
  mutate: (input, random) => Buffer.concat([input.subarray(0, 1), mutateFrames(input.subarray(1), random)]),
  check(input) {
    const first = input[0] ?? 0;
    const sizeBytes = sizes[(first >> 2) % sizes.length]!;
    const features = { fast: (first & 1) !== 0, extended: (first & 2) !== 0, whole: first >= WHOLE_FROM };
    const stream = input.subarray(1);
    const expected = referenceWire(stream, sizeBytes, features);
    const cuts = [[stream], cut(stream, new Random(seedOf(input)))];
    if (stream.length < 2000) cuts.push(Array.from(stream, (byte) => Uint8Array.of(byte)));
    for (const chunks of cuts) {
      const got = decode(chunks, sizeBytes, features);
      const at = got.findIndex((event, place) => event !== expected[place]);
      demand(
        got.length === expected.length && at < 0,
        `${got.at(at)?.slice(0, 80)} (of ${got.length}) where ${expected.at(at)?.slice(0, 80)} (of ${expected.length}) is right`,
      );
    }
    const last = expected.at(-1) ?? '';
    const way = [...new Set(expected.map((event) => event.split(' ')[0]))].join();
    return last.startsWith('refused') ? refused(last) : accepted(way);
  },
};

function decode(
  chunks: readonly Uint8Array[],
  sizeBytes: number,
  features: { fast: boolean; extended: boolean; whole: boolean },
): string[] {
  const events: string[] = [];
  let encoded: Uint8Array | undefined;
  let target: Uint8Array | undefined;
  const decoder = new WireDecoder(new Geometry(sizeBytes), features, {
    message(message) {
      if (message.type === 'bitfield') {
        demand(Bitfield.parse(new Geometry(sizeBytes), message.bits) !== undefined, 'lets a wrong bitfield pass');
      }
      events.push(shown(message));
      encoded = encodeMessage(message);
      demand(message.type === 'extended' || encoded.length < 5000, 'makes a message larger than it was');
    },
    blockTarget(block) {
      events.push(`block begins ${block.piece} ${block.offsetBytes} ${block.lengthBytes}`);
      demand(encodePieceHeader(block).length === 13, 'a block without a header');
      target = new Uint8Array(block.lengthBytes);
      return target;
    },
    block(block, wanted) {
      demand(wanted, 'a wanted block ends as not wanted');
      events.push(`block ends ${block.piece} ${block.offsetBytes} ${hex(target!)}`);
    },
  });
  if (features.whole) decoder.takeWholePieces();
  try {
    for (const chunk of chunks) decoder.push(chunk);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    events.push(`refused ${error.reason}`);
  }
  return events;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** As the reference writes it, after it went through the encoder: a message says what its bytes say. */
function shown(message: PeerMessage): string {
  const bytes = Buffer.from(encodeMessage(message));
  demand(bytes.readUInt32BE() === bytes.length - 4, 'a length prefix that is wrong');
  switch (message.type) {
    case 'have':
    case 'suggest_piece':
    case 'allowed_fast':
      return `${message.type} ${bytes.readUInt32BE(5)}`;
    case 'request':
    case 'cancel':
    case 'reject_request':
      return `${message.type} ${bytes.readUInt32BE(5)} ${bytes.readUInt32BE(9)} ${bytes.readUInt32BE(13)}`;
    case 'bitfield':
      return `bitfield ${hex(bytes.subarray(5))}`;
    case 'extended':
      return `extended ${bytes[5]} ${hex(bytes.subarray(6))}`;
    default:
      return message.type;
  }
}

function seeds(): Uint8Array[] {
  const ofSizes = sizes.map((sizeBytes, at) => {
    const geometry = new Geometry(sizeBytes);
    const messages: PeerMessage[] = [
      { type: 'keep_alive' },
      { type: 'extended', id: 0, payload: Buffer.from('d1:mdee') },
    ];
    messages.push(at % 3 === 0 ? { type: 'have_all' } : at % 3 === 1 ? { type: 'have_none' } : { type: 'keep_alive' });
    if (geometry.pieceCount < 100) messages.push({ type: 'bitfield', bits: Bitfield.full(geometry).bytes });
    const piece = geometry.piece(geometry.pieceCount - 1);
    const block: Block | undefined = piece && geometry.blockAt(piece, geometry.blockCount(piece) - 1);
    if (piece !== undefined && block !== undefined) {
      messages.push({ type: 'have', piece }, { type: 'allowed_fast', piece }, { type: 'suggest_piece', piece });
      messages.push({ type: 'request', block }, { type: 'cancel', block }, { type: 'reject_request', block });
    }
    for (const type of ['interested', 'unchoke', 'not_interested', 'choke'] as const) messages.push({ type });
    const small = piece === undefined ? undefined : geometry.block(piece, 0, 1);
    const payload = small === undefined ? [] : [encodePieceHeader(small), Buffer.from('x')];
    return Buffer.concat([Uint8Array.of((at << 2) | 3), ...messages.map(encodeMessage), ...payload]);
  });
  return [...ofSizes, wholeSeed()];
}

/** A whole piece, the short last one of its share, asked for, taken back, refused and sent. */
function wholeSeed(): Uint8Array {
  const at = sizes.indexOf(1_600_000);
  const first = Array.from({ length: 256 }, (_, byte) => byte).find(
    (byte) => byte >= WHOLE_FROM && (byte & 3) === 3 && (byte >> 2) % sizes.length === at,
  )!;
  const geometry = new Geometry(sizes[at]!);
  const block = geometry.wholePiece(3, 0, geometry.pieceLengthBytes(geometry.piece(3)!))!;
  const messages = (['request', 'cancel', 'reject_request'] as const).map((type) => encodeMessage({ type, block }));
  return Buffer.concat([
    Uint8Array.of(first),
    ...messages,
    encodePieceHeader(block),
    Buffer.alloc(block.lengthBytes, 7),
  ]);
}
