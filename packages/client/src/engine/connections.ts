import { randomBytes } from 'node:crypto';
import type { InfoHash } from '@peerage/bittorrent';
import type { SignedRevocation } from '@peerage/contract/bare';
import { Dialer } from '../net/dialer.ts';
import type { Links, MakeLinks } from '../net/links.ts';
import { Listener } from '../net/listener.ts';
import type { Memberships } from '../net/memberships.ts';
import { PeerConnection } from '../net/peer-connection.ts';
import type { RevocationExchange } from '../net/revocations.ts';
import type { SwarmSeat } from '../net/swarm-seat.ts';
import type { ByteConnection, Member } from '../net/transport.ts';
import type { EngineEvent, EngineValue } from './engine-protocol.ts';
import { listenFailure } from './listen-failure.ts';
import { Refusals } from './refusals.ts';

const WATCH_MS = 10_000;

interface ConnectionsOptions {
  readonly links: MakeLinks;
  readonly nowMs: () => number;
  /** Where a connection for that share belongs; undefined while it is neither offered nor fetched. */
  readonly seatOf: (share: InfoHash) => SwarmSeat | undefined;
  readonly onEvent: (event: EngineEvent) => void;
}

/**
 * Whom the engine of one client talks to, and as whom.
 *
 * Always true: without an identity there is no connection and none is made; a connection is for one share that has a seat.
 */
export class Connections {
  readonly dialer: Dialer;
  readonly #options: ConnectionsOptions;
  readonly #links: Links;
  readonly #refusals: Refusals;
  readonly #watch: NodeJS.Timeout;
  readonly #connections = new Set<PeerConnection>();
  readonly #exchange: RevocationExchange = {
    known: () => this.memberships?.revocations ?? [],
    heard: (from, rows) => this.#heard(from, rows),
  };
  #listener: Listener | undefined;
  #self: Member | null = null;
  #peerId = newPeerId();
  #lastKey = 0;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    const { links, nowMs, onEvent } = options;
    this.#refusals = new Refusals((told) => onEvent({ type: 'refused', ...told }));
    this.#links = links((refused) => this.#refusals.tell(refused));
    this.dialer = new Dialer({
      transport: this.#links.transport,
      nowMs,
      onDialed: (share, device, bytes, settled) => this.#onDialed(share, device, bytes, settled),
    });
    this.#watch = setInterval(() => {
      for (const connection of this.#connections) connection.watch();
    }, WATCH_MS);
  }

  /** Who is logged in. */
  get self(): Member | null {
    return this.#self;
  }

  /** Whose certificates count; undefined where nobody shows one. */
  get memberships(): Memberships | undefined {
    return this.#links.memberships;
  }

  /** Connections for that group can be made and accepted now. */
  reaches(group: string): boolean {
    return this.#links.transport.reaches(group);
  }

  async listen(host: string, port: number): Promise<EngineValue> {
    const before = this.#listener;
    this.#listener = undefined;
    await before?.close();
    try {
      const listener: Listener = await Listener.open({
        transport: this.#links.transport,
        host,
        port,
        onConnection: (bytes, settled) => this.#onAccepted(bytes, settled),
      });
      this.#listener = listener;
      return { host: listener.address.host, port: listener.address.port };
    } catch (error) {
      throw listenFailure(error, host, port);
    }
  }

  identify(self: Member | null): void {
    this.#self = self;
    this.memberships?.clear();
    this.#peerId = newPeerId();
    for (const connection of [...this.#connections]) connection.close('somebody else is logged in, or nobody');
  }

  #onAccepted(bytes: ByteConnection, settled: () => void): void {
    if (this.#self === null) {
      bytes.close();
      settled();
      return;
    }
    this.#connect(bytes, { dialed: false, seatOf: (infoHash) => this.#options.seatOf(infoHash) }, this.#self, settled);
  }

  #onDialed(id: InfoHash, device: string, bytes: ByteConnection, settled: (joined: boolean) => void): void {
    const seat = this.#options.seatOf(id);
    if (seat === undefined || this.#self === null) {
      bytes.close();
      settled(true);
      return;
    }
    this.#connect(bytes, { dialed: true, seat, device }, this.#self, settled);
  }

  #connect(
    bytes: ByteConnection,
    role: ConstructorParameters<typeof PeerConnection>[0]['role'],
    self: Member,
    settled: (joined: boolean) => void,
  ): void {
    const connection: PeerConnection = new PeerConnection({
      key: ++this.#lastKey,
      bytes,
      role,
      revocations: this.#exchange,
      identity: { self, peerId: this.#peerId, listenPort: this.#listener?.address.port },
      nowMs: this.#options.nowMs,
      onJoined: () => settled(true),
      onEnd: (end) => {
        this.#connections.delete(connection);
        if (!end.joined) settled(false);
        if (end.refusal !== undefined) {
          this.#refusals.tell({ code: end.refusal, message: end.reason, host: bytes.remote.host });
        }
      },
    });
    this.#connections.add(connection);
  }

  /** What a peer says counts for us as a tracker's word does, where a tracker signed it; the main thread keeps it and hands it up. */
  #heard(from: PeerConnection, rows: Uint8Array): void {
    const added = this.memberships?.hear(from.member.device, rows) ?? [];
    if (added.length === 0) return;
    this.#options.onEvent({ type: 'revocations', revoked: added });
    this.#passOn(added, from);
  }

  /** Certificates that count no more; the peers hear of it. */
  revoke(revoked: readonly SignedRevocation[]): void {
    this.#passOn(this.memberships?.revoke(revoked) ?? []);
  }

  #passOn(revocations: readonly SignedRevocation[], but?: PeerConnection): void {
    if (revocations.length === 0) return;
    for (const connection of this.#connections) if (connection !== but) connection.sendRevocations(revocations);
  }

  /** Accepts and makes none from now on, and closes those that there are; resolves when the port is free. */
  async end(): Promise<void> {
    clearInterval(this.#watch);
    this.#self = null;
    this.dialer.close();
    const listening = this.#listener?.close();
    for (const connection of [...this.#connections]) connection.close('the client is shutting down');
    await listening;
  }

  /** After {@link end}, and after the swarms have ended. */
  close(): void {
    this.#links.close();
  }
}

/** BEP 20: two letters and four digits of the program, then random. */
const newPeerId = (): Uint8Array => Buffer.concat([Buffer.from('-PE0100-'), randomBytes(12)]);
