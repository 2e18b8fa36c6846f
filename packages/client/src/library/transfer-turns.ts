import { Turns } from '../turns.ts';

/**
 * Commands come from a shell, one-shots and the page at once; those that change one transfer are carried out one after another, each on what the one before it left.
 *
 * Always true: nothing of a transfer is changed by a command outside its turn, and nobody logs in or out while one is under way.
 */
export class TransferTurns {
  readonly #turns = new Turns<string>();
  /** Of steps that wait or are under way, by info-hash. */
  readonly #endings = new Map<string, Set<AbortController>>();

  /** `ending` is aborted when a later command would rather have the step end early. */
  async take<Value>(infoHash: string, step: (ending: AbortSignal) => Promise<Value>): Promise<Value> {
    const ending = new AbortController();
    const endings = this.#endings.get(infoHash) ?? new Set();
    this.#endings.set(infoHash, endings.add(ending));
    try {
      return await this.#turns.take(infoHash, () => step(ending.signal));
    } finally {
      endings.delete(ending);
      if (endings.size === 0 && this.#endings.get(infoHash) === endings) this.#endings.delete(infoHash);
    }
  }

  /** The same for what `find` names, which may be another transfer by the time that its turn comes. `find` throws where there is none. */
  async takeOf<Value>(find: () => string, step: (ending: AbortSignal) => Promise<Value>): Promise<Value> {
    for (;;) {
      const infoHash = find();
      const done = await this.take(infoHash, async (ending) =>
        find() === infoHash ? { value: await step(ending) } : undefined,
      );
      if (done) return done.value;
    }
  }

  /** What takes long there (a check that reads everything) ends early. */
  interrupt(infoHash: string): void {
    for (const ending of this.#endings.get(infoHash) ?? []) ending.abort();
  }

  /** A step about all transfers, which those under way are not to keep waiting. */
  takeAll<Value>(step: () => Promise<Value>): Promise<Value> {
    for (const infoHash of this.#endings.keys()) this.interrupt(infoHash);
    return this.#turns.takeAll(step);
  }
}
