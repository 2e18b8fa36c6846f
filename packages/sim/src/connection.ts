import type { Block, PeerMessage } from '@peerage/bittorrent';
import type { PeerKey } from '@peerage/swarm';
import type { VirtualClock } from './virtual-clock.ts';

/** What lies in a socket: a message, or a block's payload (only whether it is right matters). */
export type Packet =
  | { readonly type: 'message'; readonly message: PeerMessage }
  | { readonly type: 'block'; readonly block: Block; readonly isWrong: boolean };

/** Messages are small, but every one of them costs its packet's head. */
const MESSAGE_BYTES = 20;
/** A block on the wire: its message head and its share of the lower layers' heads. */
const BLOCK_HEAD_BYTES = 13;

export function sizeOf(packet: Packet): number {
  return packet.type === 'block' ? packet.block.lengthBytes + BLOCK_HEAD_BYTES : MESSAGE_BYTES;
}

/** A peer as its connections see it. */
export interface End {
  readonly name: string;
  readonly downBytesPerSecond: number;
  /** So many bytes come in from `startMs` at the earliest: answers when the last is here. */
  receive(sizeBytes: number, startMs: number): number;
  /** A block's head is here: answers whether its payload goes into the piece's buffer. */
  blockBegins(connection: Connection, block: Block): boolean;
  packetArrived(connection: Connection, packet: Packet, isTaken: boolean): void;
  /** The connection is no more; it ended it itself, or the other side did. */
  forget(connection: Connection): void;
  lost(connection: Connection): void;
}

/**
 * One direction of a connection.
 *
 * Always true: packets reach the receiver in the order in which they were put into the socket; what is in `queued` can still be taken back.
 */
export class Direction {
  readonly from: End;
  readonly to: End;
  /** Blocks that the socket has not taken yet. */
  readonly queued: Extract<Packet, { type: 'block' }>[] = [];
  /** What the operating system holds, not sent yet. */
  socket: Packet[] = [];
  socketBytes = 0;
  /** Of this direction packets are on the sender's link. */
  isSending = false;
  /** Sent and not known to be acknowledged yet; at the most `windowBytes`, so that a receiver's full link holds its senders back as TCP does. */
  #underwayBytes = 0;
  /** Acknowledgements on their way back, in the order of their arrival. */
  readonly acknowledgements: { readonly atMs: number; readonly bytes: number; isAwaited: boolean }[] = [];
  /** The sender waits for acknowledgements. */
  isHeld = false;
  /** When the latest of what left the sender's link reaches the receiver's. */
  arrivesAtMs = 0;
  /** When the receiver is through with all that has reached it. */
  receivedAtMs = 0;
  /** Messages that will be received together. */
  together: { readonly atMs: number; readonly packets: Packet[] } | undefined;

  constructor(from: End, to: End) {
    this.from = from;
    this.to = to;
  }

  sent(bytes: number): void {
    this.#underwayBytes += bytes;
  }

  underwayBytes(nowMs: number): number {
    while (this.acknowledgements.length > 0 && this.acknowledgements[0]!.atMs <= nowMs) {
      this.#underwayBytes -= this.acknowledgements.shift()!.bytes;
    }
    return this.#underwayBytes;
  }
}

/** A connection between two simulated peers, with a latency. Both sides name it by the same key. */
export class Connection {
  readonly key: PeerKey;
  readonly latencyMs: number;
  readonly fast: boolean;
  isOpen = true;
  /** A block is being received for a while, in which its piece can change hands; else it comes all at once. */
  readonly #isClose: boolean;
  readonly #clock: VirtualClock;
  readonly #directions: readonly [Direction, Direction];

  constructor(
    clock: VirtualClock,
    sides: readonly [End, End],
    options: { key: PeerKey; latencyMs: number; fast: boolean; isClose: boolean },
  ) {
    this.#clock = clock;
    this.#directions = [new Direction(sides[0], sides[1]), new Direction(sides[1], sides[0])];
    this.key = options.key;
    this.latencyMs = options.latencyMs;
    this.fast = options.fast;
    this.#isClose = options.isClose;
  }

  other(side: End): End {
    return this.from(side).to;
  }

  /** What the side sends. */
  from(side: End): Direction {
    return this.#directions[0].from === side ? this.#directions[0] : this.#directions[1];
  }

  /** A message with nothing before it needs no time of the link: it is on its way at once. */
  carryMessage(direction: Direction, packet: Packet): void {
    const atMs = Math.max(this.#clock.nowMs + this.latencyMs, direction.arrivesAtMs, direction.receivedAtMs);
    const together = direction.together;
    if (together !== undefined && together.atMs === atMs) {
      together.packets.push(packet);
      return;
    }
    const packets = [packet];
    direction.together = { atMs, packets };
    const deliver = () => {
      if (direction.together?.packets === packets) direction.together = undefined;
      for (const message of packets) if (this.isOpen) direction.to.packetArrived(this, message, false);
    };
    this.#clock.at(atMs, () => {
      // Blocks that came before it may still be on the receiver's link.
      if (direction.receivedAtMs > this.#clock.nowMs) this.#clock.at(direction.receivedAtMs, deliver);
      else deliver();
    });
  }

  /** The packet left the sender's link: it reaches the receiver after the latency, and goes through the receiver's link. */
  carry(direction: Direction, packet: Packet, sizeBytes: number, onAcknowledged: () => void): void {
    direction.sent(sizeBytes);
    direction.together = undefined;
    direction.arrivesAtMs = this.#clock.nowMs + this.latencyMs;
    this.#clock.after(this.latencyMs, () => {
      const startMs = Math.max(this.#clock.nowMs, direction.receivedAtMs);
      const endMs = direction.to.receive(sizeBytes, startMs);
      direction.receivedAtMs = endMs;
      const acknowledgement = { atMs: endMs + this.latencyMs, bytes: sizeBytes, isAwaited: direction.isHeld };
      direction.acknowledgements.push(acknowledgement);
      if (direction.isHeld) this.#clock.at(acknowledgement.atMs, onAcknowledged);
      this.#receive(direction.to, packet, startMs, endMs);
    });
  }

  /** `onAcknowledged` at each acknowledgement from now on. */
  hold(direction: Direction, onAcknowledged: () => void): void {
    direction.isHeld = true;
    for (const acknowledgement of direction.acknowledgements) {
      if (acknowledgement.isAwaited) continue;
      acknowledgement.isAwaited = true;
      this.#clock.at(acknowledgement.atMs, onAcknowledged);
    }
  }

  #receive(to: End, packet: Packet, startMs: number, endMs: number): void {
    if (packet.type !== 'block' || !this.#isClose) {
      this.#clock.at(endMs, () => {
        if (this.isOpen) to.packetArrived(this, packet, packet.type === 'block' && to.blockBegins(this, packet.block));
      });
      return;
    }
    let isTaken = false;
    this.#clock.at(startMs, () => {
      if (this.isOpen) isTaken = to.blockBegins(this, packet.block);
    });
    this.#clock.at(endMs, () => {
      if (this.isOpen) to.packetArrived(this, packet, isTaken);
    });
  }

  /** Ends the connection: the side that ends it knows, the other is told after the latency. */
  close(by: End): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const other = this.other(by);
    by.forget(this);
    this.#clock.after(this.latencyMs, () => other.lost(this));
  }
}
