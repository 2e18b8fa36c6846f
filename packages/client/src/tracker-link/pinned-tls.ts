import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { CHANNEL_EXPORTER, type Channel, PeerageError } from '@peerage/contract';
import { leadsFrom } from './hand-overs.ts';

export interface TrackerAddress {
  readonly host: string;
  readonly port: number;
  /** As the tracker file writes it; for people. */
  readonly address: string;
  /** SHA-256 of its public key (SPKI), 64 hex digits, where the tracker file pins it. */
  readonly pin: string | null;
}

/** The keys that trackers showed before, by address. */
export interface TrackerKeys {
  find(address: string): string | undefined;
  remember(address: string, pin: string): void;
  /** The key `from` handed over to the key `to`; changes nothing where another than `from` is known. */
  replace(address: string, from: string, to: string): void;
}

/** What happens where no key of a tracker is known. */
export interface FirstContact {
  /** Its key by the word of a tracker whose key is known; undefined where none can tell. */
  vouched(): Promise<string | undefined>;
  /** Nobody could tell: the key that it showed is believed. */
  met(pin: string): void;
}

/** A connection whose other end showed the expected key. */
export interface PinnedSocket {
  readonly socket: TLSSocket;
  readonly pin: string;
}

/** A tracker that does not take a connection in this time is passed over: failover has to be done within 2 s. */
export const CONNECT_MS = 1_000;
/** For the last round, when no tracker answered in that time: the network or this machine may be slow. */
export const PATIENT_CONNECT_MS = 4_000;

/** No answer. `isSlow`: none in time, so that more time may help. */
export class Unreachable extends PeerageError {
  readonly isSlow: boolean;

  constructor(tracker: TrackerAddress, why: string, isSlow = false) {
    super('tracker_unreachable', `the tracker ${tracker.address} does not answer (${why})`);
    this.isSlow = isSlow;
  }
}

/**
 * TLS to one tracker, known by its key alone.
 * Always true: a connection that `connect` gave has shown the pinned key, or one that the pinned key handed over to; before that, not one byte of ours was in it.
 */
export class PinnedTls {
  readonly #tracker: TrackerAddress;
  readonly #keys: TrackerKeys;
  readonly #firstContact: FirstContact;
  #meeting: Promise<string> | undefined;

  constructor(tracker: TrackerAddress, keys: TrackerKeys, firstContact: FirstContact) {
    this.#tracker = tracker;
    this.#keys = keys;
    this.#firstContact = firstContact;
  }

  /** Rejects with `tracker_unreachable`, or `tracker_key_changed`. */
  async connect(limitMs = CONNECT_MS): Promise<PinnedSocket> {
    const expected = this.#tracker.pin ?? this.#keys.find(this.#tracker.address) ?? (await this.#meet(limitMs));
    const opened = await this.#open(limitMs);
    const shown = opened.pin;
    if (shown === expected) return opened;
    if (leadsFrom(expected, opened.certificate, Date.now())) {
      this.#keys.replace(this.#tracker.address, expected, shown);
      return opened;
    }
    opened.socket.destroy();
    throw new PeerageError(
      'tracker_key_changed',
      `the tracker ${this.#tracker.address} shows the key sha256:${shown} instead of sha256:${expected}: ask who runs it; if the change is meant, write the new sha256:<hex> behind its address in the tracker file`,
    );
  }

  /** The key of a tracker that is not known yet. One look for everybody who waits for it. */
  #meet(limitMs: number): Promise<string> {
    this.#meeting ??= this.#firstKey(limitMs).finally(() => {
      this.#meeting = undefined;
    });
    return this.#meeting;
  }

  /** By another tracker's word; else by a connection that only reads the key. */
  async #firstKey(limitMs: number): Promise<string> {
    const { address } = this.#tracker;
    const vouched = await this.#firstContact.vouched();
    if (vouched !== undefined) {
      this.#keys.remember(address, vouched);
      return vouched;
    }
    const { socket, pin } = await this.#open(limitMs);
    socket.destroy();
    this.#keys.remember(address, pin);
    this.#firstContact.met(pin);
    return pin;
  }

  #open(limitMs: number): Promise<PinnedSocket & { readonly certificate: X509Certificate }> {
    const { host, port } = this.#tracker;
    return new Promise((resolve, reject) => {
      const socket = connect({
        host,
        port,
        ...(isIP(host) ? {} : { servername: host }),
        minVersion: 'TLSv1.3',
        maxVersion: 'TLSv1.3',
        ALPNProtocols: ['http/1.1'],
        rejectUnauthorized: false, // its certificate is its own: the key is compared instead, in `connect`
      });
      socket.setNoDelay(true);
      const tooLong = new Error('no connection in time');
      const limit = setTimeout(() => socket.destroy(tooLong), limitMs);
      const onError = (error: NodeJS.ErrnoException) => {
        clearTimeout(limit);
        reject(new Unreachable(this.#tracker, error.code ?? error.message, error === tooLong));
      };
      socket.once('error', onError);
      socket.once('secureConnect', () => {
        clearTimeout(limit);
        socket.removeListener('error', onError);
        const certificate = socket.getPeerX509Certificate()!; // Node knows it only while the connection is young
        resolve({ socket, pin: pinOf(certificate), certificate });
      });
    });
  }
}

function pinOf({ publicKey }: X509Certificate): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** What both ends of this one connection know and nobody between them can have: what logins are bound to. */
export const channelOf = ({ socket, pin }: PinnedSocket): Channel => ({
  exported: socket.exportKeyingMaterial(32, CHANNEL_EXPORTER, Buffer.alloc(0)),
  trackerPin: Buffer.from(pin, 'hex'),
});

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
