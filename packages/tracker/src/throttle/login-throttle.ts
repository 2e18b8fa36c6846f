import { PeerageError } from '@peerage/contract';
import { tryLimits } from '../limits.ts';
import { blocksOf } from '../presence/address-blocks.ts';
import { Tries } from './tries.ts';

/** Whose password is tried, from where. */
export interface PasswordTry {
  readonly source: string;
  /** One key for one account, also for one that does not exist. */
  readonly account: string;
  /** The device, where its key is registered to that account and it showed that it has the key. */
  readonly knownDevice: string | undefined;
}

const SECOND_MS = 1_000;

/**
 * Delays password tries before anything is hashed for them: by account, by address (IPv4) or /64, and by /48. A device that the account knows waits for none
 * of these but has tries of its own: who guesses at an account never locks its owner out. A right password is no try. The delays of one
 * account or address are nobody else's.
 */
export class LoginThrottle {
  readonly #accounts: Tries;
  readonly #devices: Tries;
  /** By size of the block, the smallest first. */
  readonly #blocks: readonly Tries[];

  constructor(nowMs: () => number) {
    this.#accounts = new Tries(nowMs, tryLimits.account);
    this.#devices = new Tries(nowMs, tryLimits.knownDevice);
    this.#blocks = [new Tries(nowMs, tryLimits.block), new Tries(nowMs, tryLimits.wideBlock)];
  }

  /** Counts a try, or refuses it with `throttled`. Returns what to call when the password was right. */
  begin({ source, account, knownDevice }: PasswordTry): () => void {
    const counted = this.#countedAt({ source, account, knownDevice });
    for (const [tries, key] of counted) {
      const waitMs = tries.take(key);
      if (waitMs > 0) throw tooMany(waitMs);
    }
    return () => {
      for (const [tries, key] of counted) tries.giveBack(key);
    };
  }

  /** Counts a wrong password that another tracker was given. */
  heard(wrong: PasswordTry): void {
    for (const [tries, key] of this.#countedAt(wrong)) tries.take(key);
  }

  #countedAt({ source, account, knownDevice }: PasswordTry): [Tries, string][] {
    if (knownDevice !== undefined) return [[this.#devices, knownDevice]];
    const blocks = blocksOf(source).map((block, size): [Tries, string] => [this.#blocks[size]!, block]);
    return [...blocks, [this.#accounts, account]];
  }
}

function tooMany(waitMs: number): PeerageError {
  const seconds = Math.ceil(waitMs / SECOND_MS);
  return new PeerageError('throttled', `too many wrong passwords: try again in ${seconds} s`);
}
