import { PeerageError } from '@peerage/contract';

/** In whose turn something is done. */
export interface Lane {
  /** Block of addresses that it is done for. */
  readonly block: string;
  readonly account: string;
}

interface Waiter {
  readonly go: () => void;
  readonly refuse: (error: PeerageError) => void;
}

/**
 * Lets so many do their work at once; the others wait, in turn by address block and within one by account. Always true: `#waiting` has no empty block and
 * no empty account; whose turn is next stands first. When it is full, the block with the most waiters gives one up to a block that has fewer.
 */
export class FairQueue {
  readonly #waiting = new Map<string, Map<string, Waiter[]>>();
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  #running = 0;
  #size = 0;

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** Runs `work` in its turn. Rejects with `throttled` where too many wait. */
  async run<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    await this.#enter(lane);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter({ block, account }: Lane): Promise<void> {
    if (this.#running < this.#atOnce) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#size >= this.#mostWaiting && !this.#giveUpOne(block)) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      const accounts = this.#waiting.get(block) ?? new Map<string, Waiter[]>();
      const waiters = accounts.get(account) ?? [];
      waiters.push({ go: resolve, refuse: reject });
      accounts.set(account, waiters);
      this.#waiting.set(block, accounts);
      this.#size++;
    });
  }

  /** The next one's place is handed over, so that #running stays. */
  #leave(): void {
    const [turn] = this.#waiting;
    if (!turn) {
      this.#running--;
      return;
    }
    const [block, accounts] = turn;
    const [account, waiters] = [...accounts][0]!;
    const next = waiters.shift()!;
    accounts.delete(account);
    if (waiters.length > 0) accounts.set(account, waiters);
    this.#waiting.delete(block);
    if (accounts.size > 0) this.#waiting.set(block, accounts);
    this.#size--;
    next.go();
  }

  /** Refuses the last waiter of the fullest account of the fullest block, if that block has more than `forBlock` would have. */
  #giveUpOne(forBlock: string): boolean {
    const sizeOf = (accounts: Map<string, Waiter[]> | undefined) =>
      [...(accounts?.values() ?? [])].reduce((sum, waiters) => sum + waiters.length, 0);
    const [block, accounts] = [...this.#waiting].reduce((a, b) => (sizeOf(b[1]) > sizeOf(a[1]) ? b : a));
    if (sizeOf(accounts) <= sizeOf(this.#waiting.get(forBlock)) + 1) return false;
    const [account, waiters] = [...accounts].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    waiters.pop()!.refuse(busy());
    if (waiters.length === 0) accounts.delete(account);
    if (accounts.size === 0) this.#waiting.delete(block);
    this.#size--;
    return true;
  }
}

const busy = (): PeerageError =>
  new PeerageError('throttled', 'too many people log in at this moment: try again in some seconds');
