/** In whose turn something is done. */
export interface Lane {
  /** Block of addresses that it is done for. */
  readonly block: string;
  readonly account: string;
}

/**
 * Who waits, in turn by address block and within one by account. Always true: there is no empty block and no empty account; whose turn is next stands first.
 */
export class Turns<T> {
  readonly #blocks = new Map<string, Map<string, T[]>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add({ block, account }: Lane, waiter: T): void {
    const accounts = this.#blocks.get(block) ?? new Map<string, T[]>();
    const waiters = accounts.get(account) ?? [];
    waiters.push(waiter);
    accounts.set(account, waiters);
    this.#blocks.set(block, accounts);
    this.#size++;
  }

  /** Takes out whose turn it is; that block and that account are last from then on. */
  next(): T | undefined {
    const [turn] = this.#blocks;
    if (!turn) return undefined;
    const [block, accounts] = turn;
    const [account, waiters] = [...accounts][0]!;
    const waiter = waiters.shift();
    accounts.delete(account);
    if (waiters.length > 0) accounts.set(account, waiters);
    this.#blocks.delete(block);
    if (accounts.size > 0) this.#blocks.set(block, accounts);
    this.#size--;
    return waiter;
  }

  /** How many wait in a block. */
  sizeOf(block: string): number {
    let size = 0;
    for (const waiters of this.#blocks.get(block)?.values() ?? []) size += waiters.length;
    return size;
  }

  /** Takes out the last waiter of the fullest account of the fullest block, if that block has more than `moreThan`. */
  giveUpOne(moreThan: number): T | undefined {
    const [block = ''] = [...this.#blocks.keys()].sort((a, b) => this.sizeOf(b) - this.sizeOf(a));
    if (this.sizeOf(block) <= moreThan) return undefined;
    const accounts = this.#blocks.get(block)!;
    const [account, waiters] = [...accounts].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    const waiter = waiters.pop();
    if (waiters.length === 0) accounts.delete(account);
    if (accounts.size === 0) this.#blocks.delete(block);
    this.#size--;
    return waiter;
  }
}
