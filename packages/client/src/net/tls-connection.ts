import type { TLSSocket } from 'node:tls';
import { unmapped } from './address-block.ts';
import type { GroupCertificate } from './group-certificate.ts';
import { readChunks } from './read-chunks.ts';
import type { ByteConnection, ConnectionHandlers, NetAddress, ProvenMember } from './transport.ts';

/** Node's timers end at once where they are asked for more than 2^31 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One connection of mutual TLS, after its certificate was let in. Ends by itself when a certificate of the two does. */
export class TlsConnection implements ByteConnection {
  readonly certificate: GroupCertificate;
  readonly member: ProvenMember;
  readonly remote: NetAddress;
  readonly endsAtMs: number;
  readonly renewAtMs: number;
  readonly #socket: TLSSocket;
  #error: Error | undefined;

  constructor(
    socket: TLSSocket,
    certificate: GroupCertificate,
    times: { readonly endsAtMs: number; readonly renewAtMs: number },
  ) {
    const { group, user, device } = certificate;
    this.certificate = certificate;
    this.member = { group, user, device };
    this.remote = { host: unmapped(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    this.endsAtMs = times.endsAtMs;
    this.renewAtMs = times.renewAtMs;
    this.#socket = socket;
    const leftMs = Math.max(0, this.endsAtMs - performance.now());
    const end = setTimeout(() => this.end(new Error('the certificate has ended')), Math.min(LONGEST_TIMER_MS, leftMs));
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => clearTimeout(end));
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  start(handlers: ConnectionHandlers): void {
    const socket = this.#socket;
    if (socket.destroyed) {
      // It broke in the turn in which it was handed out: its end was told to nobody yet.
      process.nextTick(() => handlers.onClose(this.#error));
      return;
    }
    socket.on('close', () => handlers.onClose(this.#error));
    readChunks(socket, (chunk) => {
      if (!socket.destroyed) handlers.onData(chunk);
    });
  }

  write(bytes: Uint8Array, onSent?: () => void): void {
    this.#socket.write(bytes, onSent);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** At once, for a reason that the owner is told. */
  end(reason: Error): void {
    this.#error ??= reason;
    this.#socket.destroy();
  }
}
