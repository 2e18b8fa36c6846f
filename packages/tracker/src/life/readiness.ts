import type { PeerageError } from '@peerage/contract';

/** Why a tracker that runs does not serve clients. Empty: it serves. */
export class Readiness {
  readonly #reasons = new Map<string, PeerageError>();

  hold(name: string, refusal: PeerageError): void {
    this.#reasons.set(name, refusal);
  }

  release(name: string): void {
    this.#reasons.delete(name);
  }

  get reasons(): readonly PeerageError[] {
    return [...this.#reasons.values()];
  }

  /** Throws the first reason. */
  require(): void {
    const [reason] = this.#reasons.values();
    if (reason) throw reason;
  }
}
