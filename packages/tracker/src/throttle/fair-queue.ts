import { PeerageError } from '@peerage/contract';
import { type Lane, Turns } from './turns.ts';

export interface QueuedWork extends Lane {
  /** For a device that the account knows: does not wait behind strangers. */
  readonly isKnown: boolean;
}

interface Waiter {
  readonly go: () => void;
  readonly refuse: (error: PeerageError) => void;
}

/**
 * Lets so many do their work at once; the others wait, in turn. Known devices and strangers take turns as two, so that neither keeps the other waiting.
 * When it is full, who has most waiting gives one up to who has less, and strangers to known devices.
 */
export class FairQueue {
  readonly #known = new Turns<Waiter>();
  readonly #strangers = new Turns<Waiter>();
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  #running = 0;
  #lastWasKnown = false;

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** Runs `work` in its turn. Rejects with `throttled` where too many wait. */
  async run<T>(lane: QueuedWork, work: () => Promise<T>): Promise<T> {
    await this.#enter(lane);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(lane: QueuedWork): Promise<void> {
    if (this.#running < this.#atOnce) {
      this.#running++;
      return Promise.resolve();
    }
    const turns = lane.isKnown ? this.#known : this.#strangers;
    if (this.#known.size + this.#strangers.size >= this.#mostWaiting) {
      const place =
        (lane.isKnown ? this.#strangers.giveUpOne(0) : undefined) ?? turns.giveUpOne(turns.sizeOf(lane.block) + 1);
      if (!place) return Promise.reject(busy());
      place.refuse(busy());
    }
    return new Promise((resolve, reject) => turns.add(lane, { go: resolve, refuse: reject }));
  }

  /** The next one's place is handed over, so that #running stays. */
  #leave(): void {
    const [first, second] = this.#lastWasKnown ? [this.#strangers, this.#known] : [this.#known, this.#strangers];
    const turns = first.size > 0 ? first : second;
    const next = turns.next();
    if (!next) {
      this.#running--;
      return;
    }
    this.#lastWasKnown = turns === this.#known;
    next.go();
  }
}

const busy = (): PeerageError =>
  new PeerageError('throttled', 'too many people log in at this moment: try again in some seconds');
