import { PeerageError } from '@peerage/contract';
import type { ClockGuard } from './clock-guard.ts';

/** Why a tracker that runs does not serve clients: reasons that others hold, and the clock. None: it serves. */
export class Readiness {
  readonly #held = new Map<string, PeerageError>();
  readonly #clock: ClockGuard | undefined;

  constructor(clock?: ClockGuard) {
    this.#clock = clock;
  }

  hold(name: string, refusal: PeerageError): void {
    this.#held.set(name, refusal);
  }

  release(name: string): void {
    this.#held.delete(name);
  }

  get reasons(): readonly PeerageError[] {
    return [...this.#held.values(), ...this.#clockReason()];
  }

  /** Throws the first reason. */
  require(): void {
    const [reason] = this.#held.values();
    if (reason) throw reason;
    this.#clock?.require();
  }

  #clockReason(): PeerageError[] {
    try {
      this.#clock?.require();
      return [];
    } catch (error) {
      if (error instanceof PeerageError) return [error];
      throw error;
    }
  }
}
