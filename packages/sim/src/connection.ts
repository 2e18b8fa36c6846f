import type { Block, PeerMessage } from '@peerage/bittorrent';
import type { PeerKey } from '@peerage/swarm';
import { type BlockPacket, MessagePacket } from './packet.ts';
import type { Planned, VirtualClock } from './virtual-clock.ts';

/** A peer as its connections see it. */
export interface End {
  readonly name: string;
  /** Whose turn it is when something happens to it. */
  readonly index: number;
  readonly downBytesPerSecond: number;
  /** So many bytes come in from `startMs` at the earliest: answers when the last is here. */
  receive(sizeBytes: number, startMs: number): number;
  /** A block's head is here: answers whether its payload goes into the piece's buffer. */
  blockBegins(from: PeerKey, block: Block): boolean;
  /** All of the block is here; `isTaken` where it is in the piece's buffer. */
  blockArrived(from: PeerKey, packet: BlockPacket): void;
  messageArrived(from: PeerKey, message: PeerMessage): void;
  /** The connection is no more; it ended it itself, or the other side did. */
  forget(connection: Connection): void;
  lost(connection: Connection): void;
}

interface Acknowledgement {
  readonly atMs: number;
  readonly bytes: number;
  isAwaited: boolean;
}

export interface ConnectionOptions {
  readonly key: PeerKey;
  readonly latencyMs: number;
  readonly fast: boolean;
  /** Both take requests for whole pieces. */
  readonly wholePieces: boolean;
  /** A block is being received for a while, in which its piece can change hands; else it comes all at once. */
  readonly isClose: boolean;
}

/**
 * One direction of a connection.
 *
 * Always true: packets reach the receiver in the order in which they were put into the socket; what is in `queued` can still be taken back.
 */
export class Direction {
  readonly key: PeerKey;
  readonly latencyMs: number;
  readonly from: End;
  readonly to: End;
  /** Its sender has neither ended the connection nor heard that the other side did. */
  isOpen = true;
  /** Its receiver has neither ended the connection nor heard that the other side did. */
  isHeard = true;
  /** Blocks that the socket has not taken yet. */
  readonly queued: BlockPacket[] = [];
  /** What the operating system holds, not sent yet. */
  readonly socket: BlockPacket[] = [];
  socketBytes = 0;
  /** The block that is on the sender's link. */
  sending: BlockPacket | undefined;
  /** The last that is on the link or in the socket. */
  last: BlockPacket | undefined;
  /** The sender waits for acknowledgements. */
  isHeld = false;
  readonly #isClose: boolean;
  /** What a message needs of `to`, which lies elsewhere in memory. */
  readonly #toIndex: number;
  readonly #clock: VirtualClock;
  /** Sent and not known to be acknowledged yet; at the most a window, so that a receiver's full link holds its senders back as TCP does. */
  #underwayBytes = 0;
  /** Acknowledgements on their way back, in the order of their arrival. */
  readonly #acknowledgements: Acknowledgement[] = [];
  #onAcknowledged: Planned;
  /** When the latest of what left the sender's link reaches the receiver's. */
  #arrivesAtMs = 0;
  /** When the receiver is through with all that has reached it. */
  #receivedAtMs = 0;
  /** Messages on their way by themselves, the first and the last. */
  #firstMessage: MessagePacket | undefined;
  #lastMessage: MessagePacket | undefined;

  constructor(clock: VirtualClock, from: End, to: End, options: ConnectionOptions) {
    this.#clock = clock;
    this.key = options.key;
    this.latencyMs = options.latencyMs;
    this.#isClose = options.isClose;
    this.from = from;
    this.to = to;
    this.#toIndex = to.index;
    this.#onAcknowledged = { run: () => {} };
  }

  underwayBytes(nowMs: number): number {
    const acknowledgements = this.#acknowledgements;
    while (acknowledgements.length > 0 && acknowledgements[0]!.atMs <= nowMs) {
      this.#underwayBytes -= acknowledgements.shift()!.bytes;
    }
    return this.#underwayBytes;
  }

  /** A message with nothing before it needs no time of the link: it is on its way at once. */
  carryMessage(message: PeerMessage): void {
    const packet = new MessagePacket(this, message);
    if (this.#lastMessage === undefined) this.#firstMessage = packet;
    else this.#lastMessage.next = packet;
    this.#lastMessage = packet;
    const arrivesMs = this.#clock.nowMs + this.latencyMs;
    this.#clock.plan(Math.max(arrivesMs, this.#arrivesAtMs), this.#toIndex, packet);
  }

  messageArrives(packet: MessagePacket): void {
    // Blocks that came before it may still be on the receiver's link.
    if (!packet.isLate && this.#receivedAtMs > this.#clock.nowMs) {
      packet.isLate = true;
      this.#clock.plan(this.#receivedAtMs, this.#toIndex, packet);
      return;
    }
    // One that waited may have been overtaken in the plan, not on the line: the first is received first.
    const { message, next } = this.#firstMessage!;
    this.#firstMessage = next;
    if (next === undefined) this.#lastMessage = undefined;
    if (this.isHeard) this.to.messageArrived(this.key, message);
  }

  /** The block left the sender's link: it reaches the receiver after the latency, and goes through the receiver's link. */
  carryBlock(packet: BlockPacket): void {
    this.#underwayBytes += packet.sizeBytes;
    this.#arrivesAtMs = this.#clock.nowMs + this.latencyMs;
    this.#clock.plan(this.#arrivesAtMs, this.#toIndex, packet);
  }

  /** All of the block is through the receiver's link. */
  blockEnds(packet: BlockPacket): void {
    const { key, to } = this;
    if (!this.isHeard) return;
    if (!this.#isClose) packet.isTaken = to.blockBegins(key, packet.block);
    to.blockArrived(key, packet);
    if (packet.messages === undefined) return;
    for (const message of packet.messages) if (this.isHeard) to.messageArrived(key, message);
  }

  blockArrives(packet: BlockPacket): void {
    const startMs = Math.max(this.#clock.nowMs, this.#receivedAtMs);
    const endMs = this.to.receive(packet.sizeBytes, startMs);
    this.#receivedAtMs = endMs;
    const atMs = endMs + this.latencyMs;
    this.#acknowledgements.push({ atMs, bytes: packet.sizeBytes, isAwaited: this.isHeld });
    if (this.isHeld) this.#clock.plan(atMs, this.from.index, this.#onAcknowledged);
    if (this.#isClose) this.#clock.at(startMs, this.#toIndex, () => this.#blockBegins(packet));
    this.#clock.plan(endMs, this.#toIndex, packet);
  }

  #blockBegins(packet: BlockPacket): void {
    if (this.isHeard) packet.isTaken = this.to.blockBegins(this.key, packet.block);
  }

  /** `onAcknowledged` at each acknowledgement from now on. */
  hold(onAcknowledged: Planned): void {
    this.isHeld = true;
    this.#onAcknowledged = onAcknowledged;
    for (const acknowledgement of this.#acknowledgements) {
      if (acknowledgement.isAwaited) continue;
      acknowledgement.isAwaited = true;
      this.#clock.plan(acknowledgement.atMs, this.from.index, onAcknowledged);
    }
  }
}

/** A connection between two simulated peers, with a latency. Both sides name it by the same key. */
export class Connection {
  readonly key: PeerKey;
  readonly latencyMs: number;
  readonly fast: boolean;
  readonly wholePieces: boolean;
  readonly #clock: VirtualClock;
  readonly #directions: readonly [Direction, Direction];

  constructor(clock: VirtualClock, sides: readonly [End, End], options: ConnectionOptions) {
    this.#clock = clock;
    this.#directions = [
      new Direction(clock, sides[0], sides[1], options),
      new Direction(clock, sides[1], sides[0], options),
    ];
    this.key = options.key;
    this.latencyMs = options.latencyMs;
    this.fast = options.fast;
    this.wholePieces = options.wholePieces;
  }

  other(side: End): End {
    return this.from(side).to;
  }

  /** What the side sends. */
  from(side: End): Direction {
    return this.#directions[0].from === side ? this.#directions[0] : this.#directions[1];
  }

  /** Ends the connection: the side that ends it knows, the other is told after the latency. */
  close(by: End): void {
    if (!this.#end(by)) return;
    by.forget(this);
    const other = this.other(by);
    this.#clock.after(this.latencyMs, other.index, () => {
      this.#end(other);
      other.lost(this);
    });
  }

  /** The side has the connection no more; false where that was so. */
  #end(side: End): boolean {
    const direction = this.from(side);
    if (!direction.isOpen) return false;
    direction.isOpen = false;
    this.from(direction.to).isHeard = false;
    return true;
  }
}
