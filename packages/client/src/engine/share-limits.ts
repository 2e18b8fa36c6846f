import { RateLimiter, type TrafficLimits } from '../net/rate-limiter.ts';
import type { EngineRequest } from './engine-protocol.ts';

const ownRate = (given: number | null): number => given ?? Number.POSITIVE_INFINITY;

/** The limits of one engine: the client's, and within them each share's own. They outlive the shares: a download that is made anew keeps its own. */
export class ShareLimits {
  readonly #client: TrafficLimits = { up: new RateLimiter(), down: new RateLimiter() };
  readonly #shares = new Map<string, TrafficLimits>();

  of(share: string): TrafficLimits {
    let limits = this.#shares.get(share);
    if (limits === undefined) {
      limits = { up: new RateLimiter(this.#client.up), down: new RateLimiter(this.#client.down) };
      this.#shares.set(share, limits);
    }
    return limits;
  }

  set({ share, up, down }: Extract<EngineRequest, { type: 'limit' }>, nowMs: number): void {
    const limits = share === null ? this.#client : this.of(share);
    limits.up.limit(ownRate(up), nowMs);
    limits.down.limit(ownRate(down), nowMs);
  }
}
