import { blockOf } from './address-block.ts';
import { handshakeLimits } from './limits.ts';

const PER_ADDRESS = { perSecond: handshakeLimits.blockPerSecond, burst: handshakeLimits.blockAtOnce };
const IN_ALL = { perSecond: handshakeLimits.inAllPerSecond, burst: handshakeLimits.inAllAtOnce };

interface AddressState {
  tokens: number;
  atMs: number;
  pending: number;
  knownUntilMs: number;
}

/**
 * How many TLS handshakes are begun: one costs a signature, so a stranger must not be able to ask for as many as he likes.
 *
 * Always true: at most 10 a second are begun from one address (IPv6: one /64) and 100 in all after short bursts, at most 128 are pending and 16 from
 * one address; strangers never use the third of either that is kept for those who lately showed a certificate; at most 10,000 addresses are remembered.
 */
export class HandshakeBudget {
  readonly #nowMs: () => number;
  readonly #addresses = new Map<string, AddressState>();
  #tokens: number = IN_ALL.burst;
  #atMs: number;
  #pending = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#atMs = nowMs();
  }

  /** Undefined: refused. Else to be called once, when the handshake is over. */
  admit(host: string): (() => void) | undefined {
    const nowMs = this.#nowMs();
    const state = this.#state(blockOf(host), nowMs);
    const kept = state.knownUntilMs > nowMs ? 0 : handshakeLimits.keptShare;
    this.#tokens = Math.min(IN_ALL.burst, this.#tokens + ((nowMs - this.#atMs) / 1000) * IN_ALL.perSecond);
    this.#atMs = nowMs;
    if (state.pending >= handshakeLimits.pendingPerBlock) return undefined;
    if (this.#pending >= handshakeLimits.pendingInAll * (1 - kept)) return undefined;
    if (state.tokens < 1 || this.#tokens - IN_ALL.burst * kept < 1) return undefined;
    state.tokens--;
    this.#tokens--;
    state.pending++;
    this.#pending++;
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      state.pending--;
      this.#pending--;
    };
  }

  /** Somebody there showed a certificate that counts. */
  showedCertificate(host: string): void {
    const nowMs = this.#nowMs();
    this.#state(blockOf(host), nowMs).knownUntilMs = nowMs + handshakeLimits.keptForMs;
  }

  #state(block: string, nowMs: number): AddressState {
    let state = this.#addresses.get(block);
    if (state === undefined) {
      if (this.#addresses.size >= handshakeLimits.rememberedBlocks) this.#forget(nowMs);
      state = { tokens: PER_ADDRESS.burst, atMs: nowMs, pending: 0, knownUntilMs: 0 };
      this.#addresses.set(block, state);
    }
    const earned = ((nowMs - state.atMs) / 1000) * PER_ADDRESS.perSecond;
    state.tokens = Math.min(PER_ADDRESS.burst, state.tokens + earned);
    state.atMs = nowMs;
    return state;
  }

  /** First those of whom nothing is worth remembering, then the oldest. */
  #forget(nowMs: number): void {
    for (const [block, state] of this.#addresses) {
      const rested = nowMs - state.atMs > (PER_ADDRESS.burst / PER_ADDRESS.perSecond) * 1000;
      if (rested && state.pending === 0 && state.knownUntilMs <= nowMs) this.#addresses.delete(block);
    }
    for (const [block, { pending }] of this.#addresses) {
      if (this.#addresses.size < handshakeLimits.rememberedBlocks) return;
      if (pending === 0) this.#addresses.delete(block);
    }
  }
}
