import { Bitfield, type Geometry, type PieceIndex } from '@peerage/bittorrent';
import type { VirtualClock } from './virtual-clock.ts';

/** After a failed write. */
const REPAIR_MS = 1_000;

/** A peer's disk: one write at a time, each taking `writeMs`; full in the given spans; one write may fail. What it holds survives its peer's absence. */
export class SimDisk {
  readonly have: Bitfield;
  readonly #clock: VirtualClock;
  readonly #owner: number;
  readonly #writeMs: number;
  readonly #fullSpans: readonly (readonly [fromMs: number, untilMs: number])[];
  readonly #failingWrite: number;
  #freeAtMs = 0;
  #writes = 0;

  constructor(
    clock: VirtualClock,
    options: {
      owner: number;
      geometry: Geometry;
      isSeeder: boolean;
      writeMs: number;
      fullSpans: readonly (readonly [fromMs: number, untilMs: number])[];
      failingWrite: number;
    },
  ) {
    this.#clock = clock;
    this.#owner = options.owner;
    this.have = options.isSeeder ? Bitfield.full(options.geometry) : Bitfield.empty(options.geometry);
    this.#writeMs = options.writeMs;
    this.#fullSpans = options.fullSpans;
    this.#failingWrite = options.failingWrite;
  }

  /** Calls back with how the write went: undefined where it went well, else when there will be space again. */
  write(piece: PieceIndex, done: (fullUntilMs: number | undefined) => void): void {
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#clock.nowMs) + this.#writeMs;
    this.#clock.at(this.#freeAtMs, this.#owner, () => {
      const { nowMs } = this.#clock;
      const full = this.#fullSpans.find(([fromMs, untilMs]) => nowMs >= fromMs && nowMs < untilMs);
      const fails = ++this.#writes === this.#failingWrite;
      if (full === undefined && !fails) this.have.set(piece);
      done(fails ? nowMs + REPAIR_MS : full?.[1]);
    });
  }
}
