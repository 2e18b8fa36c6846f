import {
  type Block,
  EXTENSION_HANDSHAKE_ID,
  encodeExtensionHandshake,
  encodeHandshake,
  encodeMessage,
  type Geometry,
  HandshakeReader,
  type InfoHash,
  type PeerMessage,
  parseExtensionHandshake,
  WireDecoder,
} from '@peerage/bittorrent';
import { encodeRevocations, type SignedRevocation } from '@peerage/contract';
import type { ByteConnection } from '../../packages/client/src/net/transport.ts';
import type { CertifiedDevice } from './certified-device.ts';

/** A share at the client that serves it, as a raw peer finds it. */
export interface ServedShare {
  readonly group: string;
  readonly infoHash: InfoHash;
  readonly geometry: Geometry;
  readonly device: string;
  readonly port: number;
}

const OUTSTANDING = 8;
const TICK_MS = 20;
const NO_PIECES = encodeMessage({ type: 'have_none' });

/**
 * A member's peer of its own making: a certified connection and the codec, none of the engine. It asks for block after block, for ever, and never ends the
 * connection by itself: where it ends, the seeder did it.
 */
export class RawPeer {
  readonly connection: ByteConnection;
  readonly messages: PeerMessage[] = [];
  readonly #served: ServedShare;
  readonly #wanted: Iterator<Block>;
  readonly #closed = Promise.withResolvers<number>();
  readonly #watchers = new Set<() => void>();
  #choked = true;
  #outstanding = 0;
  #blocks = 0;
  #bytes = 0;
  #askedBytes = 0;
  #allowedBytes = Number.POSITIVE_INFINITY;
  #pacing: NodeJS.Timeout | undefined;
  #isOpen = true;

  private constructor(connection: ByteConnection, served: ServedShare) {
    this.connection = connection;
    this.#served = served;
    this.#wanted = blocksOf(served.geometry);
  }

  /** Rejects where no TLS connection comes about; whether it is let in shows by what comes. */
  static async dial(
    member: CertifiedDevice,
    served: ServedShare,
    say: readonly Uint8Array[] = [NO_PIECES, encodeMessage({ type: 'interested' })],
  ): Promise<RawPeer> {
    const { group, device, port, infoHash } = served;
    const limit = AbortSignal.timeout(5_000);
    const connection = await member.transport.dial({ host: '127.0.0.1', port }, { group, device }, limit);
    const peer = new RawPeer(connection, served);
    peer.#listen();
    const self = { messageIds: new Map(), device: member.device.deviceId, user: 'raw' };
    connection.write(encodeHandshake({ infoHash, peerId: Buffer.alloc(20, 'raw'), fast: true, extended: true }));
    const payload = encodeExtensionHandshake(self);
    connection.write(encodeMessage({ type: 'extended', id: EXTENSION_HANDSHAKE_ID, payload }));
    for (const bytes of say) connection.write(bytes);
    return peer;
  }

  /** Blocks and bytes of content that came. */
  get blocks(): number {
    return this.#blocks;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** When the other side ended the connection, by `performance.now()`. */
  get closed(): Promise<number> {
    return this.#closed.promise;
  }

  /** Asks for no more than that from now on. */
  pace(bytesPerSecond: number): void {
    clearInterval(this.#pacing);
    this.#allowedBytes = this.#askedBytes;
    this.#pacing = setInterval(() => {
      const now = this.#askedBytes;
      this.#allowedBytes = Math.min(this.#allowedBytes + (bytesPerSecond * TICK_MS) / 1000, now + bytesPerSecond / 10);
      this.#ask();
    }, TICK_MS);
  }

  /** Resolves when so many more blocks came; rejects when the connection ends before. */
  async served(blocks = 1): Promise<void> {
    const goal = this.#blocks + blocks;
    await this.until(() => this.#blocks >= goal);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (!this.#isOpen) throw new Error('the other side ended the connection');
      await new Promise<void>((resolve) => {
        const watcher = () => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  /** Passes on who counts no more, once the other side said under which id it takes that. */
  async tellRevocations(rows: readonly SignedRevocation[]): Promise<void> {
    const ids = () =>
      this.messages.flatMap((message) =>
        message.type === 'extended' && message.id === EXTENSION_HANDSHAKE_ID
          ? [...parseExtensionHandshake(message.payload).messageIds]
          : [],
      );
    await this.until(() => ids().length > 0);
    const id = new Map(ids()).get('peerage_revocations')!;
    this.connection.write(encodeMessage({ type: 'extended', id, payload: encodeRevocations(rows) }));
  }

  write(bytes: Uint8Array): void {
    this.connection.write(bytes);
  }

  close(): void {
    this.connection.close();
  }

  #listen(): void {
    const handshake = new HandshakeReader();
    let decoder: WireDecoder | undefined;
    this.connection.start({
      onData: (chunk) => {
        if (decoder !== undefined) decoder.push(chunk);
        else {
          const done = handshake.push(chunk);
          if (done === undefined) return;
          decoder = new WireDecoder(this.#served.geometry, done.handshake, {
            message: (message) => this.#onMessage(message),
            blockTarget: () => null,
            block: (block) => {
              this.#outstanding--;
              this.#blocks++;
              this.#bytes += block.lengthBytes;
            },
          });
          decoder.push(chunk.subarray(done.consumedBytes));
        }
        this.#ask();
        this.#wake();
      },
      onClose: () => {
        this.#isOpen = false;
        clearInterval(this.#pacing);
        this.#closed.resolve(performance.now());
        this.#wake();
      },
    });
  }

  #onMessage(message: PeerMessage): void {
    if (message.type === 'reject_request') this.#outstanding--;
    else this.messages.push(message);
    if (message.type === 'choke') this.#choked = true;
    if (message.type === 'unchoke') this.#choked = false;
  }

  #ask(): void {
    while (!this.#choked && this.#outstanding < OUTSTANDING && this.#askedBytes < this.#allowedBytes) {
      this.#outstanding++;
      const block = this.#wanted.next().value as Block;
      this.#askedBytes += block.lengthBytes;
      this.connection.write(encodeMessage({ type: 'request', block }));
    }
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** All blocks in order, over and over. */
function* blocksOf(geometry: Geometry): Generator<Block, never> {
  for (;;) {
    for (const piece of geometry.pieces()) {
      for (let ordinal = 0; ordinal < geometry.blockCount(piece); ordinal++) yield geometry.blockAt(piece, ordinal)!;
    }
  }
}
