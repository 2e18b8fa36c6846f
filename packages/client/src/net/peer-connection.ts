import {
  type Block,
  EXTENSION_HANDSHAKE_ID,
  type Handshake,
  HandshakeReader,
  type InfoHash,
  type PeerMessage,
  PIECE_BYTES,
  parseExtensionHandshake,
  WireDecoder,
  WireError,
} from '@peerage/bittorrent';
import { encodeRevocations, type SignedRevocation } from '@peerage/contract/bare';
import type { PeerKey } from '@peerage/swarm';
import {
  claimedBy,
  deviceOfStranger,
  objectionTo,
  ownExtensionHandshake,
  ownHandshake,
  REVOCATIONS,
  REVOCATIONS_ID,
  type WireIdentity,
} from './introductions.ts';
import { handshakeLimits, linkLimits, revocationLimits } from './limits.ts';
import { Outbox } from './outbox.ts';
import type { RefusalCode } from './refusal.ts';
import type { RevocationExchange } from './revocations.ts';
import type { ConnectionSink, SwarmSeat } from './swarm-seat.ts';
import type { ByteConnection, Member } from './transport.ts';

/** The other end as the dialer means it; an accepted connection may come from anybody for any share that we offer. */
export type ConnectionRole =
  | { readonly dialed: true; readonly seat: SwarmSeat; readonly device: string }
  | { readonly dialed: false; readonly seatOf: (infoHash: InfoHash) => SwarmSeat | undefined };

export interface ConnectionEnd {
  readonly joined: boolean;
  readonly reason: string;
  /** Where the transport's proof does not fit what is asked for. */
  readonly refusal?: RefusalCode;
}

interface PeerConnectionOptions {
  readonly key: PeerKey;
  readonly bytes: ByteConnection;
  readonly role: ConnectionRole;
  readonly identity: WireIdentity;
  readonly revocations: RevocationExchange;
  readonly nowMs: () => number;
  readonly onJoined: () => void;
  readonly onEnd: (end: ConnectionEnd) => void;
}

/**
 * One BitTorrent connection: handshake both ways (BEP 3), who the other side is (its certificate, or where the transport proves nothing its
 * claim in the extension handshake, BEP 10, which must then come first), from then on messages between the wire and the share.
 *
 * Always true:
 * - It serves one info-hash. An accepted connection sends nothing before the info-hash turned out to be one that we offer.
 * - `#sink` is there exactly from joining to the end; `left` is told once for each join.
 */
export class PeerConnection {
  readonly key: PeerKey;
  readonly dialed: boolean;
  readonly #bytes: ByteConnection;
  readonly #outbox: Outbox;
  readonly #role: ConnectionRole;
  readonly #identity: WireIdentity;
  readonly #nowMs: () => number;
  readonly #onJoined: () => void;
  readonly #onEnd: (end: ConnectionEnd) => void;
  readonly #limit: NodeJS.Timeout;
  #handshakeReader: HandshakeReader | undefined = new HandshakeReader();
  readonly #revocations: RevocationExchange;
  /** Under which the other side wants revocations; 0: not. */
  #revocationsId = 0;
  #seat: SwarmSeat | undefined;
  #peerId: Uint8Array | undefined;
  #member: Member | undefined;
  #fast = false;
  #wholePieces = false;
  #decoder: WireDecoder | undefined;
  #sink: ConnectionSink | undefined;
  #ended = false;
  #resting: NodeJS.Timeout | undefined;
  /** When the queue was last empty, or something of it left. */
  #movedAtMs: number;

  constructor(options: PeerConnectionOptions) {
    this.key = options.key;
    this.#bytes = options.bytes;
    this.#outbox = new Outbox(options.bytes);
    this.#role = options.role;
    this.#identity = options.identity;
    this.#revocations = options.revocations;
    this.#nowMs = options.nowMs;
    this.#onJoined = options.onJoined;
    this.#onEnd = options.onEnd;
    this.dialed = options.role.dialed;
    this.#movedAtMs = options.nowMs();
    this.#limit = setTimeout(() => this.close('the handshake took more than 10 s'), handshakeLimits.bittorrentMs);
    this.#bytes.start({
      onData: (chunk) => this.#onData(chunk),
      onClose: (error) => this.#end(error?.message ?? 'the other side closed the connection'),
    });
    if (options.role.dialed) this.#sendHandshake(options.role.seat);
  }

  /** `host:port` of the other end. */
  get remote(): string {
    const { host, port } = this.#bytes.remote;
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }

  /** Known from joining on. */
  get member(): Member {
    if (this.#member === undefined) throw new Error('the member behind a connection is known only after its handshake');
    return this.#member;
  }

  /** Both sides offered BEP 6. */
  get fast(): boolean {
    return this.#fast;
  }

  /** When it ends by itself; Infinity: never. */
  get endsAtMs(): number {
    return this.#bytes.endsAtMs;
  }

  /** When whoever dialed it makes the next one. */
  get renewAtMs(): number {
    return this.#bytes.renewAtMs;
  }

  get queuedBytes(): number {
    return this.#outbox.queuedBytes;
  }

  send(message: PeerMessage): void {
    this.#outbox.say(message);
    if (this.queuedBytes > linkLimits.unreadBytes) this.close('the other side does not read what it asks for');
  }

  /** To whoever takes them and is proven to be a member. */
  sendRevocations(rows: readonly SignedRevocation[]): void {
    if (this.#revocationsId === 0) return;
    for (let at = 0; at < rows.length; at += revocationLimits.rowsInMessage) {
      const payload = encodeRevocations(rows.slice(at, at + revocationLimits.rowsInMessage));
      this.send({ type: 'extended', id: this.#revocationsId, payload });
    }
  }

  /** The payload is copied. `onSent` is called in any case: when the operating system has taken it, or when the connection is gone. */
  sendBlock(block: Block, payload: Uint8Array, onSent: () => void): void {
    this.#outbox.sendBlock(block, payload, onSent);
  }

  /** A whole message, which stays as it is until `onSent`; that is called in any case: as in {@link sendBlock}. */
  sendBytes(bytes: Uint8Array, onSent: () => void): void {
    this.#outbox.sendBytes(bytes, onSent);
  }

  /** The place given for the block under way is needed elsewhere: the block will end as not wanted. */
  dropTarget(): void {
    this.#decoder?.dropTarget();
  }

  /** Reads nothing for so long: what comes waits at the other side. */
  rest(ms: number): void {
    if (this.#ended || this.#resting !== undefined) return;
    this.#bytes.pause();
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      this.#bytes.resume();
    }, ms);
  }

  close(reason: string, refusal?: RefusalCode): void {
    this.#end(reason, refusal);
    this.#bytes.close();
  }

  /** To be called every few seconds: ends a connection whose other side takes nothing of what is queued for it. */
  watch(): void {
    const nowMs = this.#nowMs();
    if (this.#outbox.hasMoved()) this.#movedAtMs = nowMs;
    if (nowMs - this.#movedAtMs > linkLimits.unreadMs) this.close('the other side does not read what it asks for');
  }

  #onData(chunk: Uint8Array): void {
    if (this.#ended) return;
    try {
      const rest = this.#handshakeReader === undefined ? chunk : this.#readHandshake(this.#handshakeReader, chunk);
      if (!this.#ended && rest.length > 0) this.#decoder?.push(rest);
    } catch (error) {
      this.close(error instanceof Error ? error.message : String(error));
      // A defect of ours ends this connection, not all others; it must be seen all the same.
      if (!(error instanceof WireError)) process.emitWarning(error instanceof Error ? error : String(error));
    }
  }

  /** Returns what of the chunk comes after the handshake. */
  #readHandshake(reader: HandshakeReader, chunk: Uint8Array): Uint8Array {
    const done = reader.push(chunk);
    if (done === undefined) return chunk.subarray(chunk.length);
    this.#handshakeReader = undefined;
    this.#onHandshake(done.handshake);
    return chunk.subarray(done.consumedBytes);
  }

  #onHandshake(handshake: Handshake): void {
    const role = this.#role;
    const seat = role.dialed ? role.seat : role.seatOf(handshake.infoHash);
    if (seat === undefined || seat.infoHash !== handshake.infoHash) {
      this.close('a share that is not offered on this connection');
      return;
    }
    const objection = objectionTo(handshake, seat.group, this.#bytes, this.#identity);
    if (objection !== undefined) {
      this.close(objection.reason, objection.refusal);
      return;
    }
    this.#seat = seat;
    this.#peerId = handshake.peerId;
    this.#fast = handshake.fast;
    this.#decoder = new WireDecoder(
      seat.geometry,
      { fast: handshake.fast, extended: handshake.extended },
      {
        message: (message) => this.#onMessage(message),
        blockTarget: (block) => this.#joined()?.blockTarget(block) ?? null,
        block: (block, wanted) => this.#joined()?.block(block, wanted),
      },
    );
    if (!role.dialed) this.#sendHandshake(seat);
    if (handshake.extended) {
      const payload = ownExtensionHandshake(this.#identity, this.#bytes.member !== undefined);
      this.#outbox.say({ type: 'extended', id: EXTENSION_HANDSHAKE_ID, payload });
    }
    if (this.#bytes.member !== undefined) this.#join(this.#bytes.member);
  }

  #onMessage(message: PeerMessage): void {
    if (message.type !== 'extended') {
      this.#joined()?.message(message);
      return;
    }
    const isProven = this.#bytes.member !== undefined;
    if (isProven && message.id === REVOCATIONS_ID) this.#revocations.heard(this, message.payload);
    if (message.id !== EXTENSION_HANDSHAKE_ID) return;
    const said = parseExtensionHandshake(message.payload);
    if (isProven) this.#tellRevocations(said.messageIds.get(REVOCATIONS) ?? 0);
    if ((said.mostBlockBytes ?? 0) >= PIECE_BYTES) this.#takeWholePieces();
    // BEP 10: a later handshake may change what the first one said, but not who somebody is.
    if (this.#sink !== undefined) return;
    const member = claimedBy(said) ?? (this.#bytes.takesStrangers ? this.#stranger() : undefined);
    if (member === undefined) this.close('the other side does not say which device it is');
    else this.#join(member);
  }

  #takeWholePieces(): void {
    this.#wholePieces = true;
    this.#decoder!.takeWholePieces();
    this.#sink?.wholePieces();
  }

  #tellRevocations(id: number): void {
    const isNews = this.#revocationsId === 0;
    this.#revocationsId = id;
    if (isNews) this.sendRevocations(this.#revocations.known().slice(-revocationLimits.toldAtFirst));
  }

  #join(member: Member): void {
    if (this.#role.dialed && member.device !== this.#role.device) {
      this.close('another device answers at that address');
      return;
    }
    if (member.device === this.#identity.self.device) {
      this.close('a connection to ourselves');
      return;
    }
    this.#member = member;
    const sink = this.#seat!.join(this);
    if (typeof sink === 'string') {
      this.close(sink);
      return;
    }
    if (this.#ended) return;
    clearTimeout(this.#limit);
    this.#sink = sink;
    if (this.#wholePieces) sink.wholePieces();
    this.#onJoined();
  }

  /** Where what arrives belongs; nowhere, and the end, before it is known who sends it. */
  #joined(): ConnectionSink | undefined {
    if (this.#sink === undefined && this.#bytes.takesStrangers) this.#join(this.#stranger());
    if (this.#sink === undefined) this.close('the other side does not say first which device it is');
    return this.#sink;
  }

  #stranger(): Member {
    return { device: this.#role.dialed ? this.#role.device : deviceOfStranger(this.#peerId!), user: '' };
  }

  #sendHandshake(seat: SwarmSeat): void {
    this.#outbox.sayBytes(ownHandshake(this.#identity, seat.infoHash));
  }

  #end(reason: string, refusal?: RefusalCode): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#limit);
    clearTimeout(this.#resting);
    this.#decoder?.close();
    this.#outbox.close();
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.left();
    this.#onEnd({ joined: sink !== undefined, reason, ...(refusal === undefined ? {} : { refusal }) });
  }
}
