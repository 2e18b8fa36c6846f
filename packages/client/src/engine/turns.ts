/** Steps about one thing, one after another; about different things they go on beside each other. */
export class Turns<Key> {
  readonly #turns = new Map<Key, Promise<unknown>>();

  /** Begins when what was begun before about that thing has ended, however it did. */
  take<Value>(key: Key, step: () => Promise<Value>): Promise<Value> {
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(step, step);
    this.#turns.set(key, turn);
    const forget = () => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    };
    turn.then(forget, forget);
    return turn;
  }
}
