import { closeSync, openSync, readSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import {
  type Block,
  EXTENSION_HANDSHAKE_ID,
  encodeExtensionHandshake,
  encodeHandshake,
  encodeMessage,
  encodePieceHeader,
  type FileInfo,
  HandshakeReader,
  type InfoHash,
  type PeerMessage,
  parseExtensionHandshake,
  WireDecoder,
} from '@peerage/bittorrent';
import { conscience, type Manners } from './manners.ts';

export interface SeederFigures {
  /** Blocks sent, the wrong ones among them. */
  readonly sentBytes: number;
  readonly wrongBlocks: number;
  readonly requests: number;
  /** Connections that others made to it, and who said that he made one. */
  readonly accepted: number;
  readonly acceptedFrom: readonly string[];
  /** Who is connected now. */
  readonly openWith: readonly string[];
}

interface Served {
  readonly infoHash: InfoHash;
  readonly info: FileInfo;
  readonly path: string;
}

interface SeederOptions {
  readonly served: Served;
  readonly self: { readonly device: string; readonly user: string };
  readonly manners: Manners;
}

/** A seeder of its own making: sockets and the codec, none of the engine. Serves whoever connects, and answers as its manners say. */
export class WireSeeder {
  readonly #options: SeederOptions;
  readonly #server: Server;
  /** With who is at the other end, '' before he said so. */
  readonly #sockets = new Map<Socket, string>();
  readonly #file: number;
  readonly #isWrong: (block: Block) => boolean;
  #sentBytes = 0;
  #wrongBlocks = 0;
  #requests = 0;
  #accepted = 0;
  readonly #acceptedFrom: string[] = [];

  private constructor(options: SeederOptions) {
    this.#options = options;
    this.#file = openSync(options.served.path, 'r');
    this.#isWrong = conscience(options.manners);
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#accepted++;
      if (options.manners.kind !== 'mute') this.#talk(socket, false);
      else this.#hold(socket);
    });
  }

  static async start(options: SeederOptions): Promise<WireSeeder> {
    const seeder = new WireSeeder(options);
    await new Promise<void>((resolve) => seeder.#server.listen(0, '127.0.0.1', resolve));
    return seeder;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get figures(): SeederFigures {
    return {
      sentBytes: this.#sentBytes,
      wrongBlocks: this.#wrongBlocks,
      requests: this.#requests,
      accepted: this.#accepted,
      acceptedFrom: this.#acceptedFrom,
      openWith: [...this.#sockets.values()],
    };
  }

  /** Connects as a peer does, says who it is, and resolves to the types of all messages that it got before the other side closed. */
  dial(port: number): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      const got = this.#talk(socket, true);
      socket.once('connect', () => this.#introduce(socket));
      socket.once('close', () => resolve(got));
      socket.once('error', (error: NodeJS.ErrnoException) => error.code !== 'ECONNRESET' && reject(error));
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.keys()) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    closeSync(this.#file);
  }

  #hold(socket: Socket): void {
    this.#sockets.set(socket, '');
    socket.on('error', () => undefined); // the other side may close whenever it likes
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #introduce(socket: Socket): void {
    const { infoHash } = this.#options.served;
    const peerId = Buffer.from('-XX0000-of its own!!');
    socket.write(encodeHandshake({ infoHash, peerId, fast: true, extended: true }));
    const payload = encodeExtensionHandshake({ messageIds: new Map(), ...this.#options.self });
    socket.write(encodeMessage({ type: 'extended', id: EXTENSION_HANDSHAKE_ID, payload }));
    socket.write(encodeMessage({ type: 'have_all' }));
  }

  /** Reads the other side's messages; returns the list that their types are noted in. */
  #talk(socket: Socket, isDialed: boolean): string[] {
    const { served } = this.#options;
    const got: string[] = [];
    this.#hold(socket);
    const handshake = new HandshakeReader();
    let decoder: WireDecoder | undefined;
    socket.on('data', (chunk) => {
      if (decoder !== undefined) {
        decoder.push(chunk);
        return;
      }
      const done = handshake.push(chunk);
      if (done === undefined) return;
      decoder = new WireDecoder(served.info.geometry, done.handshake, {
        message: (message) => {
          got.push(message.type);
          if (message.type === 'extended') {
            const { user = '' } = parseExtensionHandshake(message.payload);
            this.#sockets.set(socket, user);
            if (!isDialed) this.#acceptedFrom.push(user);
          }
          this.#answer(socket, message);
        },
        blockTarget: () => null,
        block: () => undefined,
      });
      if (!isDialed) this.#introduce(socket);
      decoder.push(chunk.subarray(done.consumedBytes));
    });
    return got;
  }

  #answer(socket: Socket, message: PeerMessage): void {
    const { kind } = this.#options.manners;
    if (message.type === 'interested' && kind !== 'chokes') socket.write(encodeMessage({ type: 'unchoke' }));
    if (message.type !== 'request') return;
    this.#requests++;
    if (kind === 'silent' || kind === 'chokes') return;
    if (kind === 'rejects') socket.write(encodeMessage({ type: 'reject_request', block: message.block }));
    else this.#send(socket, message.block);
  }

  #send(socket: Socket, block: Block): void {
    const bytes = Buffer.allocUnsafe(block.lengthBytes);
    const { geometry } = this.#options.served.info;
    readSync(this.#file, bytes, 0, bytes.length, geometry.pieceOffsetBytes(block.piece) + block.offsetBytes);
    if (this.#isWrong(block)) {
      bytes[bytes.length >> 1]! ^= 0x01;
      this.#wrongBlocks++;
    }
    this.#sentBytes += bytes.length;
    socket.write(encodePieceHeader(block));
    socket.write(bytes);
  }
}
