import { closeSync, openSync, readSync } from 'node:fs';
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
import type { ByteConnection, Transport, TransportListener } from '../../packages/client/src/net/transport.ts';
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
  readonly transport: Transport;
}

/** A seeder of its own making: certified connections and the codec, none of the engine. Serves whoever connects, and answers as its manners say. */
export class WireSeeder {
  readonly #options: SeederOptions;
  /** With who is at the other end, '' before he said so. */
  readonly #connections = new Map<ByteConnection, string>();
  readonly #file: number;
  readonly #isWrong: (block: Block) => boolean;
  #sentBytes = 0;
  #wrongBlocks = 0;
  #requests = 0;
  #accepted = 0;
  readonly #acceptedFrom: string[] = [];
  #listener: TransportListener | undefined;

  private constructor(options: SeederOptions) {
    this.#options = options;
    this.#file = openSync(options.served.path, 'r');
    this.#isWrong = conscience(options.manners);
  }

  static async start(options: SeederOptions): Promise<WireSeeder> {
    const seeder = new WireSeeder(options);
    seeder.#listener = await options.transport.listen('127.0.0.1', 0, (connection) => {
      seeder.#accepted++;
      seeder.#talk(connection, false);
    });
    return seeder;
  }

  get port(): number {
    return this.#listener!.address.port;
  }

  get figures(): SeederFigures {
    return {
      sentBytes: this.#sentBytes,
      wrongBlocks: this.#wrongBlocks,
      requests: this.#requests,
      accepted: this.#accepted,
      acceptedFrom: this.#acceptedFrom,
      openWith: [...this.#connections.values()],
    };
  }

  /** Connects to that device as a peer does, says who it is, and resolves to the types of all messages that it got before the other side closed. */
  async dial(port: number, device: string): Promise<string[]> {
    const { group } = this.#options.served.info;
    const inTime = AbortSignal.timeout(10_000);
    const connection = await this.#options.transport.dial({ host: '127.0.0.1', port }, { group, device }, inTime);
    const closed = Promise.withResolvers<void>();
    const got = this.#talk(connection, true, closed.resolve);
    this.#introduce(connection);
    await closed.promise;
    return got;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.keys()) connection.close();
    await this.#listener?.close();
    closeSync(this.#file);
  }

  #introduce(connection: ByteConnection): void {
    const { infoHash } = this.#options.served;
    const peerId = Buffer.from('-XX0000-of its own!!');
    connection.write(encodeHandshake({ infoHash, peerId, fast: true, extended: true }));
    const payload = encodeExtensionHandshake({ messageIds: new Map(), ...this.#options.self });
    connection.write(encodeMessage({ type: 'extended', id: EXTENSION_HANDSHAKE_ID, payload }));
    connection.write(encodeMessage({ type: 'have_all' }));
  }

  /** Reads the other side's messages; returns the list that their types are noted in. */
  #talk(connection: ByteConnection, isDialed: boolean, onClosed: () => void = () => undefined): string[] {
    const { served, manners } = this.#options;
    const got: string[] = [];
    this.#connections.set(connection, '');
    const handshake = new HandshakeReader();
    let decoder: WireDecoder | undefined;
    connection.start({
      onClose: () => {
        this.#connections.delete(connection);
        onClosed();
      },
      onData: (chunk) => {
        if (manners.kind === 'mute') return;
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
              this.#connections.set(connection, user);
              if (!isDialed) this.#acceptedFrom.push(user);
            }
            this.#answer(connection, message);
          },
          blockTarget: () => null,
          block: () => undefined,
        });
        if (!isDialed) this.#introduce(connection);
        decoder.push(chunk.subarray(done.consumedBytes));
      },
    });
    return got;
  }

  #answer(connection: ByteConnection, message: PeerMessage): void {
    const { kind } = this.#options.manners;
    if (message.type === 'interested' && kind !== 'chokes') connection.write(encodeMessage({ type: 'unchoke' }));
    if (message.type !== 'request') return;
    this.#requests++;
    if (kind === 'silent' || kind === 'chokes') return;
    if (kind === 'rejects') connection.write(encodeMessage({ type: 'reject_request', block: message.block }));
    else this.#send(connection, message.block);
  }

  #send(connection: ByteConnection, block: Block): void {
    const bytes = Buffer.allocUnsafe(block.lengthBytes);
    const { geometry } = this.#options.served.info;
    readSync(this.#file, bytes, 0, bytes.length, geometry.pieceOffsetBytes(block.piece) + block.offsetBytes);
    if (this.#isWrong(block)) {
      bytes[bytes.length >> 1]! ^= 0x01;
      this.#wrongBlocks++;
    }
    this.#sentBytes += bytes.length;
    connection.write(encodePieceHeader(block));
    connection.write(bytes);
  }
}
