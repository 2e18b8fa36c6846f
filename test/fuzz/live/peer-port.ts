import {
  type Block,
  encodeExtensionHandshake,
  encodeHandshake,
  encodeMessage,
  Geometry,
  HandshakeReader,
  type InfoHash,
  type PeerMessage,
  parseInfoHash,
  WireDecoder,
} from '@peerage/bittorrent';
import { Random } from '@peerage/swarm';
import type { ClientProcess } from '../../../scripts/drive/client-process.ts';
import type { CertifiedDevice } from '../../support/certified-device.ts';
import { accepted, cut, demand, refused, seedOf } from '../decoder.ts';
import { mutateFrames } from '../mutation/frames.ts';
import type { LivePort } from './port.ts';
import { heardFrom, plainTo, talk, talkAsMember } from './talk.ts';

/** Stands in inputs for the info-hash of the share, which is another one in every run. */
const anyInfoHash = parseInfoHash('5e'.repeat(20))!;
const QUIET_MS = 150;
const HANDSHAKE_BYTES = 68;
const QUESTIONS = 100;
const QUESTION_EVERY_MS = 150;

interface Served {
  readonly infoHash: InfoHash;
  readonly content: Uint8Array;
  readonly group: string;
  /** The device that serves it. */
  readonly device: string;
}

/** Members of the group: whose inputs come through, and who only wants to be served. */
interface Members {
  readonly crooked: CertifiedDevice;
  readonly honest: CertifiedDevice;
}

/** The port on which a client serves `served` to peers. */
export function peerPort(
  client: ClientProcess,
  { infoHash, content, group, device }: Served,
  members: Members,
): LivePort {
  const port = Number(client.listenAddress.split(':').at(-1));
  const geometry = new Geometry(content.length);
  const dial = (member: CertifiedDevice) =>
    member.transport.dial({ host: '127.0.0.1', port }, { group, device }, AbortSignal.timeout(5_000));
  return {
    mostASecond: 30,
    name: 'peer-port',
    pid: client.process.pid!,
    words: ['\x13BitTorrent protocol', 'GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01', '\0\0\0\0', '\0\0\0\x01\x02'],
    maxBytes: 40_000,
    seeds: () => seeds(geometry),
    mutate: (input, random) => Buffer.concat([input.subarray(0, 68), mutateFrames(input.subarray(68), random)]),
    async send(input) {
      const bytes = Buffer.from(
        Buffer.from(input).toString('latin1').replaceAll(latin1(anyInfoHash), latin1(infoHash)),
        'latin1',
      );
      const random = new Random(seedOf(input));
      const chunks = random.chance(0.5) ? [bytes] : cut(bytes, random);
      if (random.chance(0.75)) {
        // A stranger's bytes, from one of many addresses: nothing but a TLS alert may come back.
        const stream = plainTo(port, `127.0.0.${2 + random.below(200)}`);
        const answer = await talk(stream, chunks, { quietMs: QUIET_MS, ends: false });
        alive(client);
        demand(answer.length === 0 || (answer[0] === 0x15 && answer[1] === 0x03), 'a stranger gets more than an alert');
        return refused('no TLS');
      }
      // Who makes too many connections is not let in: that is no answer to these bytes.
      const connection = await dial(members.crooked).catch(() => undefined);
      if (connection === undefined) return refused('no connection');
      const answer = await talkAsMember(connection, chunks, { quietMs: QUIET_MS });
      alive(client);
      if (answer.length === 0) return refused('nothing');
      demand(answer.subarray(0, 20).toString('latin1') === '\x13BitTorrent protocol', 'answers in another protocol');
      const messages = messagesIn(answer, geometry);
      return accepted([...new Set(messages.map((message) => message.type))].join());
    },
    async serves() {
      const piece = geometry.piece(0)!;
      const block = geometry.blockAt(piece, 0)!;
      const request = encodeMessage({ type: 'request', block });
      const hello = Buffer.concat([
        encodeHandshake({ infoHash, peerId: Buffer.alloc(20, 'honest'), fast: true, extended: true }),
        ...[introduction, { type: 'have_none' }, { type: 'interested' }].map((message) =>
          encodeMessage(message as PeerMessage),
        ),
      ]);
      const said = (answer: Buffer) =>
        answer.length < HANDSHAKE_BYTES ? { messages: [], blocks: [] } : decode(answer, geometry);
      const firstBlock = (answer: Buffer) => said(answer).blocks.find((each) => each.block.offsetBytes === 0);
      const patience = patienceWith(client);
      let first: ReturnType<typeof firstBlock>;
      while (first === undefined && !patience.signal.aborted) {
        // Who makes too many connections is not let in: then it is tried again.
        const connection = await dial(members.honest).catch(() => undefined);
        if (connection === undefined) continue;
        // As every client does, it asks once it is unchoked, and again whenever it was choked in between.
        let unchokes = 0;
        const isEnough = (answer: Buffer) => {
          const heard = said(answer).messages.filter(({ type }) => type === 'unchoke').length;
          if (heard > unchokes) connection.write(request);
          unchokes = heard;
          return firstBlock(answer) !== undefined;
        };
        first = firstBlock(await heardFrom(connection, [hello], isEnough, patience.signal));
      }
      patience.end();
      demand(first !== undefined, `an honest peer gets nothing while the client answers ${QUESTIONS} questions`);
      demand(
        Buffer.from(content.subarray(0, block.lengthBytes)).equals(first.bytes),
        'an honest peer gets other bytes',
      );
      alive(client);
      await client.do('list_files', 'team');
    },
  };
}

/** Aborted when the client has answered so many questions of its shell, one after another: a busy machine answers them as slowly as it serves. */
function patienceWith(client: ClientProcess): { readonly signal: AbortSignal; end(): void } {
  const over = new AbortController();
  let ended = false;
  const ask = async () => {
    for (let answered = 0; answered < QUESTIONS && !ended; answered++) {
      await client.do('whoami');
      await new Promise((resolve) => setTimeout(resolve, QUESTION_EVERY_MS));
    }
  };
  const done = () => over.abort();
  ask().then(done, done); // a client that ended serves nobody
  return {
    signal: over.signal,
    end() {
      ended = true;
    },
  };
}

const latin1 = (hash: InfoHash): string => Buffer.from(hash, 'hex').toString('latin1');

function alive(client: ClientProcess): void {
  demand(
    client.process.exitCode === null && client.process.signalCode === null,
    `the client ended:\n${client.output()}`,
  );
  demand(!/Warning:|\n\s+at /.test(client.output()), `the client met a defect:\n${client.output()}`);
}

const introduction: PeerMessage = {
  type: 'extended',
  id: 0,
  payload: encodeExtensionHandshake({
    messageIds: new Map(),
    client: 'fuzz',
    device: 'fe'.repeat(16),
    user: 'mallory',
  }),
};

function seeds(geometry: Geometry): Uint8Array[] {
  const piece = geometry.piece(0)!;
  const block = geometry.blockAt(piece, 0)!;
  const hello = encodeHandshake({ infoHash: anyInfoHash, peerId: Buffer.alloc(20, 'x'), fast: true, extended: true });
  const said = (...messages: PeerMessage[]) => Buffer.concat([hello, ...messages.map(encodeMessage)]);
  const wants: PeerMessage[] = [introduction, { type: 'have_none' }, { type: 'interested' }];
  return [
    hello,
    said(introduction),
    said(...wants),
    said(...wants, { type: 'request', block }, { type: 'cancel', block }),
    said(introduction, { type: 'have_all' }, { type: 'unchoke' }, { type: 'have', piece }, { type: 'keep_alive' }),
    said(introduction, { type: 'bitfield', bits: Buffer.from([0xc0]) }, { type: 'not_interested' }, { type: 'choke' }),
    said(
      ...wants,
      { type: 'suggest_piece', piece },
      { type: 'allowed_fast', piece },
      { type: 'reject_request', block },
    ),
    said(introduction, introduction, { type: 'extended', id: 9, payload: Buffer.from('d1:xi0ee') }),
    encodeHandshake({ infoHash: anyInfoHash, peerId: Buffer.alloc(20, 'y'), fast: false, extended: false }),
    Buffer.from('GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'),
    Buffer.from('16030100050100000101', 'hex'),
  ];
}

function messagesIn(answer: Buffer, geometry: Geometry): PeerMessage[] {
  return decode(answer, geometry).messages;
}

/** What the other side said; its bytes have to be right to the last. */
function decode(answer: Buffer, geometry: Geometry) {
  const messages: PeerMessage[] = [];
  const blocks: { block: Block; bytes: Uint8Array }[] = [];
  const read = new HandshakeReader().push(answer);
  demand(read !== undefined, 'answers with a part of a handshake');
  let target = new Uint8Array();
  const decoder = new WireDecoder(geometry, read.handshake, {
    message: (message) => messages.push(message),
    blockTarget: (block) => {
      target = new Uint8Array(block.lengthBytes);
      return target;
    },
    block: (block) => blocks.push({ block, bytes: target }),
  });
  decoder.push(answer.subarray(read.consumedBytes));
  return { messages, blocks };
}
