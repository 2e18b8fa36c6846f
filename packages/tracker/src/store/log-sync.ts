import { closeSync, fdatasync, openSync } from 'node:fs';

/**
 * Brings a write-ahead log to disk for whoever holds back what rests on it. Always true: what waits is told in the order it came, each after a sync that began when all that it rests on had
 * been written; one sync is under way at a time; after one that failed nothing is told any more.
 */
export class LogSync {
  readonly #file: number;
  readonly #onFailure: (error: Error) => void;
  readonly #waiting: { readonly commits: number; readonly then: () => void }[] = [];
  #committed = 0;
  #synced = 0;
  #isSyncing = false;
  #hasEnded = false;

  /**
   * `path`: the log of an open database, which stays the same file until that is closed. `onFailure`: nobody knows any more what is on the disk, and a second try would not tell (Linux
   * forgets what it could not write): who rests on it must end.
   */
  constructor(path: string, onFailure: (error: Error) => void) {
    this.#file = openSync(path, 'r+');
    this.#onFailure = onFailure;
  }

  /** So many commits have been written to the log. */
  committed(commits: number): void {
    this.#committed = Math.max(this.#committed, commits);
    this.#sync();
  }

  /** Calls back when all that was committed until now is on disk; at once where it is. */
  whenOnDisk(then: () => void): void {
    if (this.#synced === this.#committed && !this.#hasEnded) then();
    else this.#waiting.push({ commits: this.#committed, then });
  }

  /** Lets go of the log; who still waits is told nothing. */
  close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (!this.#isSyncing) closeSync(this.#file); // else whoever syncs at this moment needs it
  }

  #sync(): void {
    if (this.#isSyncing || this.#hasEnded || this.#synced === this.#committed) return;
    const upTo = this.#committed;
    this.#isSyncing = true;
    fdatasync(this.#file, (error) => {
      this.#isSyncing = false;
      if (this.#hasEnded) closeSync(this.#file);
      else if (error) {
        this.close();
        this.#onFailure(error);
      } else {
        this.#synced = upTo;
        this.#sync(); // first: it goes on beside what is told now
        this.#tell();
      }
    });
  }

  #tell(): void {
    while (this.#waiting[0] && this.#waiting[0].commits <= this.#synced) this.#waiting.shift()!.then();
  }
}
