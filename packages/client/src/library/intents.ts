import { PeerageError } from '@peerage/contract';
import type { TrackerLink } from '../tracker-link/tracker-link.ts';

/** A tracker that froze after it answered another client is noticed by the others within this time: what they say then counts. */
const SECOND_LOOK_MS = 3_000;

export interface Intent {
  readonly group: string;
  readonly infoHash: string;
}

/** What a tracker lists for this device, and what may be concluded from what it does not list. */
export interface Listed {
  readonly intents: readonly Intent[];
  has(infoHash: string): boolean;
  /** Ended by somebody, not only unknown to a tracker that lags behind the one that acknowledged it. */
  hasEnded(infoHash: string): boolean;
}

/**
 * This device's intents to share as trackers list them. Always true: an intent counts as ended where a tracker that had it lists it no more, or where one that holds all that the
 * others have leaves it out twice; a tracker that has just not heard of it ends nothing.
 */
export class Intents {
  readonly #link: Pick<TrackerLink, 'call' | 'servingAddress' | 'trackers'>;
  readonly #nowMs: () => number;
  /** Trackers that had it, by info-hash. */
  readonly #hadIt = new Map<string, Set<string>>();
  /** When it was left out first by a tracker that holds everything. */
  readonly #leftOutAtMs = new Map<string, number>();
  /** For each question under way, what was acknowledged since: its answer may be older. */
  readonly #sinceAsked = new Set<Set<string>>();

  constructor(link: Pick<TrackerLink, 'call' | 'servingAddress' | 'trackers'>, nowMs: () => number) {
    this.#link = link;
    this.#nowMs = nowMs;
  }

  /** The tracker that serves has acknowledged it. */
  acknowledged(infoHash: string): void {
    for (const since of this.#sinceAsked) since.add(infoHash);
    this.#note(infoHash, this.#link.servingAddress);
  }

  forget(): void {
    this.#hadIt.clear();
    this.#leftOutAtMs.clear();
  }

  /** Undefined while no tracker answers. */
  async ask(): Promise<Listed | undefined> {
    const since = new Set<string>();
    this.#sinceAsked.add(since);
    try {
      const { shares, complete } = await this.#link.call('myShares', {});
      const at = this.#link.servingAddress;
      const listed = new Set(shares.map(({ infoHash }) => infoHash));
      for (const infoHash of listed) this.#note(infoHash, at);
      return {
        intents: shares,
        has: (infoHash) => listed.has(infoHash),
        hasEnded: (infoHash) => !listed.has(infoHash) && !since.has(infoHash) && this.#hasEnded(infoHash, at, complete),
      };
    } catch (error) {
      if (error instanceof PeerageError && error.code === 'tracker_unreachable') return undefined;
      throw error;
    } finally {
      this.#sinceAsked.delete(since);
    }
  }

  #note(infoHash: string, address: string | null): void {
    if (address === null) return;
    const known = this.#hadIt.get(infoHash) ?? new Set();
    this.#hadIt.set(infoHash, known.add(address));
    this.#leftOutAtMs.delete(infoHash);
  }

  #hasEnded(infoHash: string, at: string | null, complete: boolean): boolean {
    if (this.#link.trackers.length === 1 || (at !== null && this.#hadIt.get(infoHash)?.has(at))) return true;
    if (!complete) return false;
    const firstMs = this.#leftOutAtMs.get(infoHash) ?? this.#nowMs();
    this.#leftOutAtMs.set(infoHash, firstMs);
    return this.#nowMs() - firstMs >= SECOND_LOOK_MS;
  }
}
