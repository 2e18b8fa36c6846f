import type { RefusedConnection } from '../net/mutual-tls.ts';

const MOST_TOLD_A_SECOND = 10;

/** Tells of refused connections: a flood of them must not become a flood of events. */
export class Refusals {
  readonly #tell: (told: RefusedConnection & { readonly untold: number }) => void;
  #secondMs = 0;
  #count = 0;
  /** Since the last one that was told. */
  #untold = 0;

  constructor(tell: (told: RefusedConnection & { readonly untold: number }) => void) {
    this.#tell = tell;
  }

  tell(refused: RefusedConnection): void {
    const secondMs = Math.floor(performance.now() / 1000) * 1000;
    if (this.#secondMs !== secondMs) {
      this.#secondMs = secondMs;
      this.#count = 0;
    }
    if (this.#count >= MOST_TOLD_A_SECOND) {
      this.#untold++;
      return;
    }
    this.#tell({ untold: this.#untold, ...refused });
    this.#count++;
    this.#untold = 0;
  }
}
