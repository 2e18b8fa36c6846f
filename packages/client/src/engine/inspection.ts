import type { PieceCell } from '@peerage/swarm';
import { inspectionLimits } from '../control/page-limits.ts';
import type { SwarmRunner } from '../runtime/swarm-runner.ts';

export interface InspectedPeer {
  readonly device: string;
  readonly user: string;
  readonly address: string;
  readonly hasPieces: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
}

/** A share looked at closely: every piece, every connection. */
export interface Inspection {
  readonly pieces: number;
  readonly havePieces: number;
  readonly cells: readonly PieceCell[];
  readonly peers: readonly InspectedPeer[];
}

interface Counted {
  readonly atMs: number;
  readonly down: number;
  readonly up: number;
}

/** Looks at a share again and again; what each peer gives and gets a second is told from what it had when somebody looked last. */
export class Inspector {
  #before = new Map<string, Counted>();
  #rates = new Map<string, Counted>();

  look(runner: SwarmRunner, nowMs: number, userOf: (device: string) => string): Inspection {
    const { cells, peers } = runner.inspect(inspectionLimits.cells);
    const counted = new Map<string, Counted>();
    const rates = new Map<string, Counted>();
    const inspected = peers.map((peer): InspectedPeer => {
      const before = this.#before.get(peer.device);
      const now = { atMs: nowMs, down: peer.downBytes, up: peer.upBytes };
      const isLate = before !== undefined && nowMs - before.atMs >= inspectionLimits.rateMs;
      const seconds = before ? (nowMs - before.atMs) / 1000 : 0;
      const rate = isLate
        ? {
            atMs: nowMs,
            down: Math.max(0, now.down - before.down) / seconds,
            up: Math.max(0, now.up - before.up) / seconds,
          }
        : (this.#rates.get(peer.device) ?? { atMs: nowMs, down: peer.rateBytesPerSecond, up: 0 });
      counted.set(peer.device, before && !isLate ? before : now);
      rates.set(peer.device, rate);
      return {
        device: peer.device,
        user: userOf(peer.device),
        address: peer.address,
        hasPieces: peer.hasPieces,
        downBytesPerSecond: rate.down,
        upBytesPerSecond: rate.up,
      };
    });
    this.#before = counted;
    this.#rates = rates;
    const { pieceCount } = runner.geometry;
    return { pieces: pieceCount, havePieces: cells.reduce((sum, { have }) => sum + have, 0), cells, peers: inspected };
  }
}
