import type { Block, PeerMessage } from '@peerage/bittorrent';
import type { PeerKey } from '@peerage/swarm';
import type { SimPeer } from './sim-peer.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What lies in a socket: a message, or a block's payload (only whether it is right matters). */
export type Packet =
  | { readonly type: 'message'; readonly message: PeerMessage; readonly sizeBytes: number }
  | { readonly type: 'block'; readonly block: Block; readonly isWrong: boolean; readonly sizeBytes: number };

/** One direction of a connection: what waits in the sender's socket, and when the receiver is through with what came before. */
class Direction {
  readonly from: SimPeer;
  readonly to: SimPeer;
  readonly waiting: Packet[] = [];
  receivedAtMs = 0;

  constructor(from: SimPeer, to: SimPeer) {
    this.from = from;
    this.to = to;
  }
}

/** A connection between two simulated peers: in order in each direction, with a latency. Both sides name it by the same key. */
export class Connection {
  readonly key: PeerKey;
  readonly latencyMs: number;
  readonly fast: boolean;
  isOpen = true;
  readonly #clock: VirtualClock;
  readonly #directions: readonly [Direction, Direction];

  constructor(
    clock: VirtualClock,
    sides: readonly [SimPeer, SimPeer],
    options: { key: PeerKey; latencyMs: number; fast: boolean },
  ) {
    this.#clock = clock;
    this.#directions = [new Direction(sides[0], sides[1]), new Direction(sides[1], sides[0])];
    this.key = options.key;
    this.latencyMs = options.latencyMs;
    this.fast = options.fast;
  }

  other(side: SimPeer): SimPeer {
    return this.#from(side).to;
  }

  /** What waits in the side's socket. */
  outgoing(side: SimPeer): Packet[] {
    return this.#from(side).waiting;
  }

  /** A packet left the sender's link: it reaches the receiver after the latency, and goes through the receiver's link. */
  carry(from: SimPeer, packet: Packet): void {
    const direction = this.#from(from);
    this.#clock.after(this.latencyMs, () => {
      const startMs = Math.max(this.#clock.nowMs, direction.receivedAtMs);
      const endMs = direction.to.receive(packet.sizeBytes, startMs);
      direction.receivedAtMs = endMs;
      let isTaken = false;
      this.#clock.at(startMs, () => {
        if (this.isOpen && packet.type === 'block') isTaken = direction.to.blockBegins(this, packet.block);
      });
      this.#clock.at(endMs, () => {
        if (this.isOpen) direction.to.packetArrived(this, packet, isTaken);
      });
    });
  }

  /** Ends the connection: the side that ends it knows, the other is told after the latency. */
  close(by: SimPeer): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const other = this.other(by);
    by.forget(this);
    this.#clock.after(this.latencyMs, () => other.lost(this));
  }

  #from(side: SimPeer): Direction {
    return this.#directions[0].from === side ? this.#directions[0] : this.#directions[1];
  }
}
