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
  /** Sent and not acknowledged yet; at the most `windowBytes`, so that a receiver's full link holds its senders back as TCP does. */
  underwayBytes = 0;
  /** When the receiver is through with all that has reached it. */
  receivedAtMs = 0;
  /** Messages that will be received together. */
  together: { readonly atMs: number; readonly packets: Packet[] } | undefined;

  constructor(from: End, to: End) {
    this.from = from;
    this.to = to;
  }
}

/** A connection between two simulated peers, with a latency. Both sides name it by the same key. */
export class Connection {
  readonly key: PeerKey;
  readonly latencyMs: number;
  readonly fast: boolean;
  isOpen = true;
  readonly #clock: VirtualClock;
  readonly #directions: readonly [Direction, Direction];

  constructor(
    clock: VirtualClock,
    sides: readonly [End, End],
    options: { key: PeerKey; latencyMs: number; fast: boolean },
  ) {
    this.#clock = clock;
    this.#directions = [new Direction(sides[0], sides[1]), new Direction(sides[1], sides[0])];
    this.key = options.key;
    this.latencyMs = options.latencyMs;
    this.fast = options.fast;
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
    const atMs = Math.max(this.#clock.nowMs + this.latencyMs, direction.receivedAtMs);
    const together = direction.together;
    if (together !== undefined && together.atMs === atMs) {
      together.packets.push(packet);
      return;
    }
    const packets = [packet];
    direction.together = { atMs, packets };
    this.#clock.at(atMs, () => {
      // Blocks that came before it may still be on the receiver's link.
      this.#clock.at(direction.receivedAtMs, () => {
        if (direction.together?.packets === packets) direction.together = undefined;
        for (const message of packets) if (this.isOpen) direction.to.packetArrived(this, message, false);
      });
    });
  }

  /** These packets left the sender's link: they reach the receiver after the latency, and go through the receiver's link. */
  carry(direction: Direction, packets: readonly Packet[], sizeBytes: number, onAcknowledged: () => void): void {
    const { to } = direction;
    direction.underwayBytes += sizeBytes;
    direction.together = undefined;
    direction.receivedAtMs = Math.max(direction.receivedAtMs, this.#clock.nowMs + this.latencyMs);
    this.#clock.after(this.latencyMs, () => {
      const startMs = Math.max(this.#clock.nowMs, direction.receivedAtMs);
      const endMs = to.receive(sizeBytes, startMs);
      direction.receivedAtMs = endMs;
      let isFirstTaken = false;
      const [first] = packets;
      this.#clock.at(startMs, () => {
        if (this.isOpen && first?.type === 'block') isFirstTaken = to.blockBegins(this, first.block);
      });
      this.#clock.at(endMs + this.latencyMs, () => {
        direction.underwayBytes -= sizeBytes;
        onAcknowledged();
      });
      this.#clock.at(endMs, () => {
        for (const packet of packets) {
          if (!this.isOpen) return;
          const isTaken =
            packet === first ? isFirstTaken : packet.type === 'block' && to.blockBegins(this, packet.block);
          to.packetArrived(this, packet, isTaken);
        }
      });
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
