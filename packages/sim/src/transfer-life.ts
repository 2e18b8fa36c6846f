import type { Bitfield, Geometry } from '@peerage/bittorrent';
import { checkInvariants, type Rules, Transfer, type TransferEffect, type TransferEvent } from '@peerage/swarm';
import type { Planned, VirtualClock } from './virtual-clock.ts';
import { Witness } from './witness.ts';

const TICK: TransferEvent = { type: 'tick' };

export type PeerEffect = Exclude<TransferEffect, { readonly type: 'wake_at' }>;

interface LifeOptions {
  readonly owner: number;
  readonly geometry: Geometry;
  /** What the disk holds. */
  readonly have: Bitfield;
  readonly seed: number;
  readonly rules: Partial<Rules>;
  readonly buffers: number;
  /** The transfer's invariants are checked after each so many events. */
  readonly checkEvery: number;
  readonly isWitnessed: boolean;
  readonly onStep: (event: TransferEvent, effects: readonly TransferEffect[]) => void;
  /** Does what a peer does; when the transfer wants to be woken is seen to here. */
  readonly onEffect: (effect: PeerEffect) => void;
}

/**
 * The real transfer of a peer from its coming to its going. Always true: the effects of one event are done before the next event is told, whoever
 * tells it; once over, nothing is told.
 */
export class TransferLife {
  readonly transfer: Transfer;
  readonly #clock: VirtualClock;
  readonly #options: LifeOptions;
  readonly #witness: Witness | undefined;
  readonly #events: TransferEvent[] = [];
  #isHandling = false;
  #isOver = false;
  #told = 0;
  /** The tick that was wished for last. */
  #wake: Planned | undefined;

  constructor(clock: VirtualClock, options: LifeOptions) {
    this.#clock = clock;
    this.#options = options;
    const { geometry, have, seed, rules, buffers } = options;
    this.transfer = new Transfer({ geometry, have, seed, nowMs: clock.nowMs, rules });
    this.#witness = options.isWitnessed ? new Witness(have) : undefined;
    const event: TransferEvent = { type: 'buffer_budget', pieces: buffers };
    this.#witness?.before(event);
    this.transfer.handle(event, clock.nowMs);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
  }

  tell(event: TransferEvent): void {
    this.#events.push(event);
    if (this.#isHandling) return;
    this.#isHandling = true;
    for (let next = 0; next < this.#events.length; next++) this.#handle(this.#events[next]!);
    this.#events.length = 0;
    this.#isHandling = false;
  }

  #handle(event: TransferEvent): void {
    if (this.#isOver) return;
    this.#witness?.before(event);
    const effects = this.transfer.handle(event, this.#clock.nowMs);
    this.#witness?.after(effects);
    this.#options.onStep(event, effects);
    if (++this.#told % this.#options.checkEvery === 0) checkInvariants(this.transfer);
    for (const effect of effects) {
      if (effect.type === 'wake_at') this.#wakeAt(effect.atMs);
      else this.#options.onEffect(effect);
    }
  }

  #wakeAt(atMs: number): void {
    const wake = {
      run: () => {
        if (this.#wake === wake) this.tell(TICK);
      },
    };
    this.#wake = wake;
    this.#clock.plan(atMs, this.#options.owner, wake);
  }
}
