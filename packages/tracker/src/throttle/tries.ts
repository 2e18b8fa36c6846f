import type { Rate } from '../limits.ts';

/**
 * Counts tries by key: so many at once, then one every so often. A key's state is one number: when all of its tries will be worked off
 * (generic cell rate algorithm); keys that have nothing left to work off are forgotten.
 */
export class Tries {
  readonly #clearAtMs = new Map<string, number>();
  readonly #nowMs: () => number;
  readonly #atOnce: number;
  readonly #everyMs: number;

  constructor(nowMs: () => number, { atOnce, everyMs }: Rate) {
    this.#nowMs = nowMs;
    this.#atOnce = atOnce;
    this.#everyMs = everyMs;
  }

  /** Counts a try and returns 0; or counts nothing and returns how many milliseconds there are to wait. */
  take(key: string): number {
    const nowMs = this.#nowMs();
    const clearAtMs = Math.max(nowMs, this.#clearAtMs.get(key) ?? 0);
    const waitMs = clearAtMs - nowMs - (this.#atOnce - 1) * this.#everyMs;
    if (waitMs > 0) return waitMs;
    if (!this.#clearAtMs.has(key) && this.#clearAtMs.size >= MOST_KEYS) this.#makeRoom(nowMs);
    this.#clearAtMs.set(key, clearAtMs + this.#everyMs);
    return 0;
  }

  /** Takes a try back that turned out to be none. */
  giveBack(key: string): void {
    const clearAtMs = (this.#clearAtMs.get(key) ?? 0) - this.#everyMs;
    if (clearAtMs > this.#nowMs()) this.#clearAtMs.set(key, clearAtMs);
    else this.#clearAtMs.delete(key);
  }

  /** Forgets what is worked off; if that is not enough, whoever was first seen longest ago. */
  #makeRoom(nowMs: number): void {
    for (const [key, clearAtMs] of this.#clearAtMs) if (clearAtMs <= nowMs) this.#clearAtMs.delete(key);
    for (const key of this.#clearAtMs.keys()) {
      if (this.#clearAtMs.size < MOST_KEYS) break;
      this.#clearAtMs.delete(key);
    }
  }
}

const MOST_KEYS = 100_000;
