import type { Block, PieceIndex } from '@peerage/bittorrent';
import { type Connection, type Direction, type End, type Packet, sizeOf } from './connection.ts';
import type { VirtualClock } from './virtual-clock.ts';

const QUEUED_MS = 250;
const QUEUED_MOST_BYTES = 64 * 1024;
const LEAST_WINDOW_BYTES = 16 * 1024;

/**
 * A peer's sockets and the link behind them: each socket takes `socketBytes` at once, the link sends a little of one after a little of the
 * other, as a fair link does.
 */
export class Uplink {
  readonly #clock: VirtualClock;
  readonly #peer: End;
  readonly #bytesPerSecond: number;
  readonly #socketBytes: number;
  readonly #onTaken: (connection: Connection, block: Block) => void;
  /** Connections with something in their sockets, whose turn it is first; those whose receiver is behind are not among them. */
  readonly #ready: Connection[] = [];
  #isBusy = false;
  #sending: { piece: PieceIndex; to: number } | undefined;
  #held = 0;

  constructor(
    clock: VirtualClock,
    peer: End,
    options: {
      readonly bytesPerSecond: number;
      readonly socketBytes: number;
      /** A socket took a block. */
      readonly onTaken: (connection: Connection, block: Block) => void;
    },
  ) {
    this.#clock = clock;
    this.#peer = peer;
    this.#bytesPerSecond = options.bytesPerSecond;
    this.#socketBytes = options.socketBytes;
    this.#onTaken = options.onTaken;
  }

  say(connection: Connection, packet: Packet): void {
    const direction = connection.from(this.#peer);
    if (packet.type === 'message') {
      const isFree = direction.socket.length === 0 && !direction.isSending && direction.queued.length === 0;
      if (isFree) connection.carryMessage(direction, packet);
      else if (direction.socket.length > 0 || !direction.isSending) this.#put(connection, direction, packet);
      else direction.socket.push(packet);
      return;
    }
    direction.queued.push(packet);
    this.#fill(connection, direction);
  }

  /** The block that is on the link, and whether receivers that are behind hold something back. */
  get now(): { readonly sending: { piece: PieceIndex; to: number } | undefined; readonly isHeld: boolean } {
    return { sending: this.#sending, isHeld: this.#held > 0 };
  }

  /** Takes a block back that no socket has taken: true where there was one. */
  takeBack(connection: Connection, block: Block): boolean {
    const { queued } = connection.from(this.#peer);
    const place = queued.findIndex((packet) => isSame(packet.block, block));
    if (place !== -1) queued.splice(place, 1);
    return place !== -1;
  }

  #put(connection: Connection, direction: Direction, packet: Packet): void {
    if (direction.socket.length === 0 && !direction.isSending) this.#readyOrHeld(connection, direction);
    direction.socket.push(packet);
    direction.socketBytes += sizeOf(packet);
    if (!this.#isBusy) this.#sendNext();
  }

  #fill(connection: Connection, direction: Direction): void {
    while (direction.queued.length > 0) {
      const next = direction.queued[0]!;
      if (direction.socketBytes > 0 && direction.socketBytes + sizeOf(next) > this.#socketBytes) return;
      direction.queued.shift();
      this.#put(connection, direction, next);
      this.#onTaken(connection, next.block);
    }
  }

  /** What the narrower of the two links holds in a round trip, and a little for the queue in front of it: what TCP finds out. */
  #windowBytes(connection: Connection): number {
    const rate = Math.min(this.#bytesPerSecond, connection.other(this.#peer).downBytesPerSecond);
    const queueBytes = Math.min(QUEUED_MOST_BYTES, (rate * QUEUED_MS) / 1000);
    return (rate * 2 * connection.latencyMs) / 1000 + queueBytes + LEAST_WINDOW_BYTES;
  }

  #readyOrHeld(connection: Connection, direction: Direction): void {
    if (direction.underwayBytes(this.#clock.nowMs) < this.#windowBytes(connection)) this.#ready.push(connection);
    else {
      this.#held++;
      connection.hold(direction, () => this.#acknowledged(connection, direction));
    }
  }

  #acknowledged(connection: Connection, direction: Direction): void {
    if (!direction.isHeld || direction.underwayBytes(this.#clock.nowMs) >= this.#windowBytes(connection)) return;
    direction.isHeld = false;
    this.#held--;
    this.#ready.push(connection);
    if (!this.#isBusy) this.#sendNext();
  }

  #sendNext(): void {
    this.#isBusy = false;
    this.#sending = undefined;
    for (let connection = this.#ready.shift(); connection !== undefined; connection = this.#ready.shift()) {
      const direction = connection.from(this.#peer);
      if (!connection.isOpen) continue;
      this.#isBusy = true;
      direction.isSending = true;
      this.#send(connection, direction);
      return;
    }
  }

  #send(connection: Connection, direction: Direction): void {
    const packet = direction.socket.shift()!;
    const sizeBytes = sizeOf(packet);
    if (packet.type === 'block') this.#sending = { piece: packet.block.piece, to: connection.key };
    this.#clock.after((sizeBytes * 1000) / this.#bytesPerSecond, () => {
      direction.isSending = false;
      direction.socketBytes = Math.max(0, direction.socketBytes - sizeBytes);
      if (connection.isOpen) {
        connection.carry(direction, packet, sizeBytes, () => this.#acknowledged(connection, direction));
        if (direction.socket.length === 0) direction.socketBytes = 0;
        else this.#readyOrHeld(connection, direction);
        this.#isBusy = true;
        this.#fill(connection, direction);
      }
      this.#sendNext();
    });
  }
}

function isSame(left: Block, right: Block): boolean {
  return left.piece === right.piece && left.offsetBytes === right.offsetBytes;
}
