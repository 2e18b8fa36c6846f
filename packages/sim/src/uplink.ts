import type { Block, PeerMessage, PieceIndex } from '@peerage/bittorrent';
import type { Direction } from './connection.ts';
import { BlockPacket } from './packet.ts';
import type { Planned, VirtualClock } from './virtual-clock.ts';

const QUEUED_MS = 250;
const QUEUED_MOST_BYTES = 64 * 1024;
const LEAST_WINDOW_BYTES = 16 * 1024;

/**
 * A peer's sockets and the link behind them: each socket takes `socketBytes` at once, the link sends a block of one after a block of the
 * other, as a fair link does. What is said behind a block goes with it.
 *
 * It runs whenever a block has left the link.
 */
export class Uplink implements Planned {
  readonly #clock: VirtualClock;
  readonly #owner: number;
  readonly #bytesPerSecond: number;
  readonly #socketBytes: number;
  readonly #onTaken: (direction: Direction, block: Block) => void;
  /** With something in their sockets, whose turn it is first; those whose receiver is behind are not among them. */
  readonly #ready: Direction[] = [];
  #isBusy = false;
  /** Whose block is on the link. */
  #sending: Direction | undefined;
  #held = 0;

  constructor(
    clock: VirtualClock,
    options: {
      readonly owner: number;
      readonly bytesPerSecond: number;
      readonly socketBytes: number;
      /** A socket took a block. */
      readonly onTaken: (direction: Direction, block: Block) => void;
    },
  ) {
    this.#clock = clock;
    this.#owner = options.owner;
    this.#bytesPerSecond = options.bytesPerSecond;
    this.#socketBytes = options.socketBytes;
    this.#onTaken = options.onTaken;
  }

  say(direction: Direction, message: PeerMessage): void {
    if (direction.last === undefined) direction.carryMessage(message);
    else direction.last.follow(message);
  }

  serve(direction: Direction, block: Block, isWrong: boolean): void {
    direction.queued.push(new BlockPacket(direction, block, isWrong));
    this.#fill(direction);
  }

  /** The block that is on the link, and whether receivers that are behind hold something back. */
  get now(): { readonly sending: { piece: PieceIndex; to: number } | undefined; readonly isHeld: boolean } {
    const sending = this.#sending?.sending;
    const to = this.#sending?.key;
    return {
      sending: sending === undefined ? undefined : { piece: sending.block.piece, to: to! },
      isHeld: this.#held > 0,
    };
  }

  /** Takes a block back that no socket has taken: true where there was one. */
  takeBack({ queued }: Direction, block: Block): boolean {
    const place = queued.findIndex((packet) => isSame(packet.block, block));
    if (place !== -1) queued.splice(place, 1);
    return place !== -1;
  }

  #fill(direction: Direction): void {
    while (direction.queued.length > 0) {
      const next = direction.queued[0]!;
      if (direction.socketBytes > 0 && direction.socketBytes + next.blockBytes > this.#socketBytes) return;
      direction.queued.shift();
      if (direction.socket.length === 0 && direction.sending === undefined) this.#readyOrHeld(direction);
      direction.socket.push(next);
      direction.last = next;
      direction.socketBytes += next.blockBytes;
      if (!this.#isBusy) this.#sendNext();
      this.#onTaken(direction, next.block);
    }
  }

  /** What the narrower of the two links holds in a round trip, and a little for the queue in front of it: what TCP finds out. */
  #windowBytes(direction: Direction): number {
    const rate = Math.min(this.#bytesPerSecond, direction.to.downBytesPerSecond);
    const queueBytes = Math.min(QUEUED_MOST_BYTES, (rate * QUEUED_MS) / 1000);
    return (rate * 2 * direction.latencyMs) / 1000 + queueBytes + LEAST_WINDOW_BYTES;
  }

  #readyOrHeld(direction: Direction): void {
    if (direction.underwayBytes(this.#clock.nowMs) < this.#windowBytes(direction)) {
      this.#ready.push(direction);
      return;
    }
    this.#held++;
    direction.hold({ run: () => this.#acknowledged(direction) });
  }

  #acknowledged(direction: Direction): void {
    if (!direction.isHeld || direction.underwayBytes(this.#clock.nowMs) >= this.#windowBytes(direction)) return;
    direction.isHeld = false;
    this.#held--;
    this.#ready.push(direction);
    if (!this.#isBusy) this.#sendNext();
  }

  #sendNext(): void {
    this.#isBusy = false;
    this.#sending = undefined;
    for (let direction = this.#ready.shift(); direction !== undefined; direction = this.#ready.shift()) {
      if (!direction.isOpen) continue;
      this.#isBusy = true;
      this.#sending = direction;
      direction.sending = direction.socket.shift()!;
      const durationMs = (direction.sending.sizeBytes * 1000) / this.#bytesPerSecond;
      this.#clock.plan(this.#clock.nowMs + durationMs, this.#owner, this);
      return;
    }
  }

  run(): void {
    const direction = this.#sending!;
    const packet = direction.sending!;
    direction.sending = undefined;
    if (direction.isOpen) {
      direction.carryBlock(packet);
      if (direction.last === packet) direction.last = undefined;
      direction.socketBytes -= packet.blockBytes;
      if (direction.socket.length > 0) this.#readyOrHeld(direction);
      this.#fill(direction);
    }
    this.#sendNext();
  }
}

function isSame(left: Block, right: Block): boolean {
  return left.piece === right.piece && left.offsetBytes === right.offsetBytes && left.lengthBytes === right.lengthBytes;
}
