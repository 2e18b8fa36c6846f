import { type Hlc, hlcAtMs } from '../domain/entities.ts';

/** A hybrid logical clock: every reading is larger than the one before and than everything it was shown. */
export class HybridClock {
  readonly #wallMs: () => number;
  #last: Hlc;

  constructor(wallMs: () => number, latestSeen: Hlc) {
    this.#wallMs = wallMs;
    this.#last = latestSeen;
  }

  /** Shows it a reading of another clock. */
  observe(hlc: Hlc): void {
    this.#last = Math.max(this.#last, hlc);
  }

  now(): Hlc {
    this.#last = Math.max(this.#last + 1, hlcAtMs(this.#wallMs()));
    return this.#last;
  }
}
