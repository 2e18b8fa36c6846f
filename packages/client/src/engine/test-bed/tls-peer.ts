import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import {
  EXTENSION_HANDSHAKE_ID,
  encodeExtensionHandshake,
  encodeHandshake,
  encodeMessage,
  HandshakeReader,
  type PeerMessage,
  parseExtensionHandshake,
  WireDecoder,
} from '@peerage/bittorrent';
import { peerTls } from '../../net/memberships.ts';
import { dayOf, serverNameOf } from '../../net/server-name.ts';
import { labelKeyOf, type TestCertificate } from '../../net/test-bed/memory-issuer.ts';
import { type Content, group } from './engine-bed.ts';

/** A member's connection of a test's own making: Node's TLS and the codec, none of the transport. It says what it is told to say and keeps what it hears. */
export class TlsPeer {
  readonly messages: PeerMessage[] = [];
  readonly closed: Promise<void>;
  readonly #socket: TLSSocket;
  readonly #watchers = new Set<() => void>();
  #isOpen = true;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Dials and says both handshakes; `messageIds` are the extended messages that it wants. */
  static dial(
    port: number,
    content: Content,
    certificate: TestCertificate,
    messageIds: ReadonlyMap<string, number> = new Map(),
  ): TlsPeer {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: serverNameOf(labelKeyOf(group), dayOf(Date.now())),
      secureContext: createSecureContext({ ...peerTls, cert: certificate.pem, key: certificate.key }),
      rejectUnauthorized: false,
    });
    const peer = new TlsPeer(socket);
    peer.#listen(content);
    const peerId = Buffer.alloc(20, certificate.member.device);
    socket.write(encodeHandshake({ infoHash: content.share, peerId, fast: true, extended: true }));
    peer.say({ type: 'extended', id: EXTENSION_HANDSHAKE_ID, payload: encodeExtensionHandshake({ messageIds }) });
    peer.say({ type: 'have_none' });
    return peer;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  say(message: PeerMessage): void {
    this.#socket.write(encodeMessage(message));
  }

  /** Under which id the other side wants that extended message, once it said so. */
  async idOf(name: string): Promise<number> {
    const isHandshake = (message: PeerMessage) => message.type === 'extended' && message.id === EXTENSION_HANDSHAKE_ID;
    await this.until(() => this.messages.some(isHandshake));
    const handshake = this.messages.find(isHandshake) as Extract<PeerMessage, { type: 'extended' }>;
    return parseExtensionHandshake(handshake.payload).messageIds.get(name) ?? 0;
  }

  /** Rejects when the connection ends before. */
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

  close(): void {
    this.#socket.destroy();
  }

  #listen(content: Content): void {
    const handshake = new HandshakeReader();
    let decoder: WireDecoder | undefined;
    const wake = () => {
      for (const watcher of [...this.#watchers]) watcher();
    };
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#isOpen = false;
      wake();
    });
    this.#socket.on('data', (chunk) => {
      if (decoder !== undefined) decoder.push(chunk);
      else {
        const done = handshake.push(chunk);
        if (done === undefined) return;
        decoder = new WireDecoder(content.parsed.geometry, done.handshake, {
          message: (message) => this.messages.push(message),
          blockTarget: () => null,
          block: () => {},
        });
        decoder.push(chunk.subarray(done.consumedBytes));
      }
      wake();
    });
  }
}
