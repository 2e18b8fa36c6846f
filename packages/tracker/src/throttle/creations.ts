import { PeerageError } from '@peerage/contract';
import type { CreationLimits } from '../limits.ts';
import { blocksOf } from '../presence/address-blocks.ts';
import { Tries } from './tries.ts';

export type CreationKind = keyof CreationLimits;

const words: Readonly<Record<CreationKind, string>> = {
  accounts: 'accounts are made',
  groups: 'groups are made',
  joinRequests: 'join requests come',
};

/** Names and requests stay for ever: how many are made from one block of addresses, and in all, is bounded, whoever asks. */
export class Creations {
  /** For each kind by size of the block, the smallest first, then in all. */
  readonly #tries: Readonly<Record<CreationKind, readonly [block: Tries, wideBlock: Tries, inAll: Tries]>>;

  constructor(nowMs: () => number, limits: CreationLimits) {
    const triesOf = (kind: CreationKind) =>
      [
        new Tries(nowMs, limits[kind].block),
        new Tries(nowMs, limits[kind].wideBlock),
        new Tries(nowMs, limits[kind].inAll),
      ] as const;
    this.#tries = { accounts: triesOf('accounts'), groups: triesOf('groups'), joinRequests: triesOf('joinRequests') };
  }

  /** Does what makes one thing of that kind; counts it only if it is made. Rejects with `throttled` where too many are made. */
  async make<T>(kind: CreationKind, source: string, making: () => Promise<T>): Promise<T> {
    const giveBack = this.#begin(kind, source);
    try {
      return await making();
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  #begin(kind: CreationKind, source: string): () => void {
    const [block, wideBlock, inAll] = this.#tries[kind];
    const [smallest, wider] = blocksOf(source);
    const counted: [Tries, string][] = [[block, smallest]];
    if (wider !== undefined) counted.push([wideBlock, wider]);
    counted.push([inAll, '']);
    const giveBack = (count: number) => {
      for (const [tries, key] of counted.slice(0, count)) tries.giveBack(key);
    };
    counted.forEach(([tries, key], index) => {
      const waitMs = tries.take(key);
      if (waitMs === 0) return;
      giveBack(index);
      const where = tries === inAll ? 'at this tracker' : 'from your address';
      throw new PeerageError(
        'throttled',
        `too many ${words[kind]} ${where}: try again in ${Math.ceil(waitMs / 1_000)} s`,
      );
    });
    return () => giveBack(counted.length);
  }
}
