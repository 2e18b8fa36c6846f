import type { TrackerClient } from '@peerage/contract';
import { pause } from './pause.ts';
import type { TrackerKeys } from './pinned-tls.ts';

/** A listed tracker that may know the keys of the others. */
interface Voucher {
  readonly address: string;
  /** Whether its key is known, from the tracker file or from before. */
  readonly isKnown: () => boolean;
  readonly client: TrackerClient;
  readonly reachable: boolean;
}

/** A tracker's word for another's key is not waited for longer: failover has to be done within 2 s. */
const ANSWER_MS = 1_000;

/**
 * Trackers tell the keys of the others, so that a client takes one key on trust instead of one for each. Always true: only a tracker whose own key is known is asked, and
 * what it says is remembered only where no key is known.
 */
export class Vouching {
  readonly #trackers: () => readonly Voucher[];
  readonly #keys: TrackerKeys;

  constructor(trackers: () => readonly Voucher[], keys: TrackerKeys) {
    this.#trackers = trackers;
    this.#keys = keys;
  }

  /** The key of the tracker there by the word of another one; undefined where none can tell in time. */
  async keyOf(address: string): Promise<string | undefined> {
    for (const { address: own, client, isKnown, reachable } of this.#trackers()) {
      if (own === address || !reachable || !isKnown()) continue;
      const answer = client.call('trackerKey', { query: { address } }).then(
        ({ pin }) => pin ?? undefined,
        () => undefined, // it does not answer, or is of a version that vouches for nobody
      );
      const limit = new AbortController();
      const pin = await Promise.race([answer, pause(ANSWER_MS, limit.signal)]);
      limit.abort();
      if (pin !== undefined) return pin;
    }
    return undefined;
  }

  /** Learns the keys that are not known yet, before they are needed: a tracker that is gone vouches for nobody. */
  async learn(signal: AbortSignal): Promise<void> {
    for (const { address, isKnown } of this.#trackers()) {
      if (signal.aborted || isKnown()) continue;
      const pin = await this.keyOf(address);
      if (pin !== undefined && !signal.aborted) this.#keys.remember(address, pin);
    }
  }
}
