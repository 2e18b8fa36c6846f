import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';

/**
 * Brings a write-ahead log to disk on another thread, while the next transaction is worked out here. Always true: what waits is told in the order it came, each after a sync that began
 * when all that was committed before it had been written; one sync is under way at a time.
 */
export class LogSync {
  readonly #file: number;
  readonly #onFailure: (error: Error) => void;
  readonly #waiting: { readonly commits: number; readonly then: () => void }[] = [];
  #committed = 0;
  #synced = 0;
  #isSyncing = false;
  #isClosed = false;

  /**
   * `path`: the log of an open database, which stays the same file until that is closed. `onFailure`: nobody knows any more what is on the disk, and a second try would not tell (Linux
   * forgets what it could not write): who rests on it must end.
   */
  constructor(path: string, onFailure: (error: Error) => void) {
    this.#file = openSync(path, 'r+');
    this.#onFailure = onFailure;
  }

  /** Something was written to the log that has to get to disk. */
  committed(): void {
    this.#committed++;
    this.#sync();
  }

  /** Calls back when all that was committed until now is on disk; at once where it is. */
  whenOnDisk(then: () => void): void {
    if (this.#synced === this.#committed) then();
    else this.#waiting.push({ commits: this.#committed, then });
  }

  /** Brings the rest to disk and tells who waits; to be called before the database is closed. Throws what the disk throws. */
  close(): void {
    this.#isClosed = true;
    try {
      fdatasyncSync(this.#file);
    } finally {
      if (!this.#isSyncing) closeSync(this.#file); // else whoever syncs at this moment needs it
    }
    this.#reached(this.#committed);
  }

  #sync(): void {
    if (this.#isSyncing || this.#isClosed || this.#synced === this.#committed) return;
    const upTo = this.#committed;
    this.#isSyncing = true;
    fdatasync(this.#file, (error) => {
      this.#isSyncing = false;
      if (this.#isClosed) closeSync(this.#file);
      else if (error) this.#onFailure(error);
      else {
        this.#reached(upTo);
        this.#sync();
      }
    });
  }

  #reached(commits: number): void {
    this.#synced = commits;
    while (this.#waiting[0] && this.#waiting[0].commits <= commits) this.#waiting.shift()!.then();
  }
}
