import { PeerageError } from '@peerage/contract';

const RETRY_MS = 1000;
/** SQLite's SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: no room for its index of what is not merged yet. */
const FULL = new Set([13, 4874]);

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && FULL.has(error.errcode);

/**
 * The order of a home's writes where its disk may be full. Who gives a command is refused; what happened by itself (a download completed)
 * is true whether or not it can be noted: it is noted as soon as there is space.
 *
 * Always true: writes are done in the order in which they were asked for, and none is done while an earlier one waits.
 */
export class OrderedWrites {
  readonly #home: string;
  readonly #waiting: (() => void)[] = [];
  #retry: NodeJS.Timeout | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /** Is durable when it returns. PeerageError 'no_space'. */
  now<Result>(write: () => Result): Result {
    try {
      this.#catchUp();
      return write();
    } catch (error) {
      if (!isFull(error)) throw error;
      throw new PeerageError('no_space', `the disk that holds '${this.#home}' is full: make space there`);
    }
  }

  /** Is durable when it returns, or else once there is space. */
  soon(write: () => void): void {
    this.#waiting.push(write);
    this.#tryAll();
  }

  /** What still has no space is lost with the process. */
  close(): void {
    this.#tryAll();
    clearTimeout(this.#retry);
  }

  #tryAll(): void {
    clearTimeout(this.#retry);
    try {
      this.#catchUp();
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#retry = setTimeout(() => this.#tryAll(), RETRY_MS);
    }
  }

  #catchUp(): void {
    for (let write = this.#waiting[0]; write !== undefined; write = this.#waiting[0]) {
      try {
        write();
      } catch (error) {
        if (!isFull(error)) this.#waiting.shift(); // a defect is told once, it does not stand in the way of all that comes
        throw error;
      }
      this.#waiting.shift();
    }
  }
}
