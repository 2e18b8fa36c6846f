/**
 * Runs one piece of work at a time; calls made while it runs share the one run after it. Always true: a call is answered by a
 * run that began after the call, so what the caller did before is part of it.
 */
export class SharedTurns {
  readonly #work: () => Promise<void>;
  #next: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  run(): Promise<void> {
    if (this.#next) return this.#next;
    const turn = this.#last.then(() => {
      this.#next = undefined;
      return this.#work();
    });
    this.#next = turn;
    // A failed run is its callers' to handle; the next one begins all the same.
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when what was called before has ended, however. */
  async ended(): Promise<void> {
    await this.#last;
  }

  /** Other work, during which none of the first runs. */
  between(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
