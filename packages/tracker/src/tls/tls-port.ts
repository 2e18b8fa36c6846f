import { constants } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { CHANNEL_EXPORTER, type Channel, PeerageError } from '@peerage/contract';
import { type PortLimits, requestLimits } from '../limits.ts';
import { blocksOf } from '../presence/address-blocks.ts';
import type { PortIdentity } from './port-identity.ts';

/** How often Node looks for requests that take too long. */
const CHECK_EVERY_MS = 1_000;
const CHANNEL_BYTES = 32;
const TLS_HANDSHAKE_RECORD = 0x16;

const notTls = new PeerageError(
  'protocol',
  'this port speaks TLS 1.3 only: use a peerage client of a version that does',
);

/**
 * The tracker's port: HTTP over TLS 1.3 and nothing else, no tickets. Who begins in plain text is told so; who begins nothing, or drips, is
 * cut; connections are counted by address before a byte of theirs is read. Not listening yet.
 */
export class TlsPort {
  readonly server: Server;
  #pin: Buffer;
  readonly #limits: PortLimits;
  readonly #open = new Set<Socket>();
  readonly #openOf = new Map<string, number>();

  constructor(identity: PortIdentity, limits: PortLimits) {
    this.#pin = identity.pin;
    this.#limits = limits;
    this.server = createServer({
      ...secureContextOf(identity),
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: limits.handshakeMs,
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      maxHeaderSize: requestLimits.headBytes,
      keepAliveTimeout: limits.idleMs,
    });
    // Node's own listener begins TLS at once; it has to wait until the first byte is known.
    const [beginTls] = this.server.listeners('connection') as ((socket: Socket) => void)[];
    this.server.removeAllListeners('connection');
    this.server.on('connection', (socket: Socket) => {
      if (this.#admit(socket)) this.#afterFirstByte(socket, () => beginTls?.call(this.server, socket));
    });
  }

  get openConnections(): number {
    return this.#open.size;
  }

  /** What both ends of a request's connection know of it, and nobody between them. */
  channelOf(socket: Socket): Channel {
    const exported = (socket as TLSSocket).exportKeyingMaterial(CHANNEL_BYTES, CHANNEL_EXPORTER, Buffer.alloc(0));
    return { exported, trackerPin: this.#pin };
  }

  /** Shows another key from now on. All connections are cut, since what clients sign names the key that they saw. */
  show(identity: PortIdentity): void {
    this.#pin = identity.pin;
    this.server.setSecureContext({ ...secureContextOf(identity), minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' });
    this.destroyAll();
  }

  /** Cuts all connections, also those that are no HTTP yet. */
  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #admit(socket: Socket): boolean {
    const block = blocksOf(socket.remoteAddress ?? '')[0];
    const openOfBlock = this.#openOf.get(block) ?? 0;
    if (this.#open.size >= this.#limits.inAll || openOfBlock >= this.#limits.perAddress) {
      socket.destroy();
      return false;
    }
    this.#open.add(socket);
    this.#openOf.set(block, openOfBlock + 1);
    socket.on('error', () => socket.destroy()); // reset before TLS: nobody is left to be told
    socket.once('close', () => {
      this.#open.delete(socket);
      const left = (this.#openOf.get(block) ?? 1) - 1;
      if (left > 0) this.#openOf.set(block, left);
      else this.#openOf.delete(block);
    });
    return true;
  }

  #afterFirstByte(socket: Socket, beginTls: () => void): void {
    const timer = setTimeout(() => socket.destroy(), this.#limits.handshakeMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('readable', () => {
      clearTimeout(timer);
      const first: Buffer | null = socket.read(1);
      if (first === null) return socket.destroy(); // it ended
      if (first[0] !== TLS_HANDSHAKE_RECORD) return refusePlain(socket);
      socket.unshift(first);
      beginTls();
    });
  }
}

const secureContextOf = ({ key, certificate }: PortIdentity) => ({
  key: key.export({ type: 'pkcs8', format: 'pem' }),
  cert: certificate,
  secureOptions: constants.SSL_OP_NO_TICKET,
});

function refusePlain(socket: Socket): void {
  const body = JSON.stringify(notTls);
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  socket.resume(); // what still comes is not looked at, so that the refusal is not lost to a reset
  socket.end(`${head}\r\n\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), 1_000);
  socket.once('close', () => clearTimeout(timer));
}
