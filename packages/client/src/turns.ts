/** Steps about one thing, one after another; about different things they go on beside each other. */
export class Turns<Key> {
  readonly #turns = new Map<Key, Promise<unknown>>();
  /** The last step about everything. */
  #all: Promise<unknown> = Promise.resolve();

  /** Begins when what was begun before about that thing has ended, however it did. */
  take<Value>(key: Key, step: () => Promise<Value>): Promise<Value> {
    const turn = (this.#turns.get(key) ?? this.#all).then(step, step);
    this.#turns.set(key, turn);
    const forget = () => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    };
    turn.then(forget, forget);
    return turn;
  }

  /** Begins when everything that was begun before has ended; what is begun later waits for it. */
  takeAll<Value>(step: () => Promise<Value>): Promise<Value> {
    const turn = Promise.allSettled([this.#all, ...this.#turns.values()]).then(step);
    this.#turns.clear();
    this.#all = turn.catch(() => undefined); // told to who asked
    return turn;
  }
}
