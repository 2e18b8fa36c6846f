import net from 'node:net';
import {
  Bitfield,
  type Block,
  EXTENSION_HANDSHAKE_ID,
  encodeExtensionHandshake,
  encodeHandshake,
  encodeMessage,
  encodePieceHeader,
  HandshakeReader,
  type InfoHash,
  type PeerMessage,
  WireDecoder,
} from '@peerage/bittorrent';
import type { PeerCandidate } from '../engine-protocol.ts';
import type { Content } from './engine-bed.ts';

interface RawPeerOptions {
  readonly content: Content;
  readonly device: string;
  readonly user: string;
  /** How many pieces it has, from the first on; all where left out. */
  readonly pieces?: number;
  /** What it sends for a block: the truth where left out. */
  readonly answer?: (block: Block, truth: Uint8Array) => Uint8Array;
}

/** A seeder of its own making: sockets and the codec, none of the engine. Serves whoever connects, and answers as it likes. */
export class RawSeeder {
  readonly candidate: PeerCandidate;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  blocksSent = 0;
  connections = 0;

  private constructor(server: net.Server, port: number, device: string, user: string) {
    this.#server = server;
    this.candidate = { device, user, addresses: [{ host: '127.0.0.1', port }] };
  }

  static async start(options: RawPeerOptions): Promise<RawSeeder> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const seeder = new RawSeeder(server, port, options.device, options.user);
    server.on('connection', (socket) => seeder.#serve(socket, options));
    return seeder;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: net.Socket, { content, device, user, pieces, answer }: RawPeerOptions): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    const send = (message: PeerMessage) => socket.write(encodeMessage(message));
    const handshake = new HandshakeReader();
    let decoder: WireDecoder | undefined;
    socket.on('data', (chunk) => {
      if (decoder !== undefined) {
        decoder.push(chunk);
        return;
      }
      const done = handshake.push(chunk);
      if (done === undefined) return;
      decoder = new WireDecoder(content.parsed.geometry, done.handshake, {
        message: (message) => {
          if (message.type === 'interested') send({ type: 'unchoke' });
          if (message.type !== 'request') return;
          const { block } = message;
          const at = content.parsed.geometry.pieceOffsetBytes(block.piece) + block.offsetBytes;
          const truth = content.bytes.subarray(at, at + block.lengthBytes);
          this.blocksSent++;
          socket.write(encodePieceHeader(block));
          socket.write(answer === undefined ? truth : answer(block, truth));
        },
        blockTarget: () => null,
        block: () => {},
      });
      const infoHash = content.share;
      socket.write(encodeHandshake({ infoHash, peerId: Buffer.alloc(20, device), fast: true, extended: true }));
      send(introduction(device, user));
      const { geometry } = content.parsed;
      const has = Bitfield.empty(geometry);
      for (const piece of geometry.pieces()) if (piece < (pieces ?? geometry.pieceCount)) has.set(piece);
      send({ type: 'bitfield', bits: has.bytes });
      decoder.push(chunk.subarray(done.consumedBytes));
    });
  }
}

export const introduction = (device: string, user: string): PeerMessage => ({
  type: 'extended',
  id: EXTENSION_HANDSHAKE_ID,
  payload: encodeExtensionHandshake({ messageIds: new Map(), device, user }),
});

/** Connects, writes, writes `then` after the first answer, and resolves to everything that came back once the other side closed. */
export function talk(port: number, bytes: Uint8Array, then?: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    const got: Buffer[] = [];
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    if (then !== undefined) socket.once('data', () => socket.write(then));
    socket.on('data', (chunk) => got.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(got)));
  });
}

export const handshakeFor = (infoHash: InfoHash, peerId = Buffer.alloc(20, 'x')): Uint8Array =>
  encodeHandshake({ infoHash, peerId, fast: true, extended: true });
