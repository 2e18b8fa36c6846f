import type { OpenFile } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';

const MOST_OPEN = 64;

interface Entry {
  readonly opening: Promise<FileAccess>;
  users: number;
}

/** What is done with a file that is held open. */
export type FileAccess = Pick<
  OpenFile,
  'path' | 'descriptor' | 'read' | 'write' | 'truncate' | 'stat' | 'statNow' | 'syncData' | 'close'
>;

/**
 * Many files by number, opened when one is used and closed when others were used since. Always true: nothing is closed while somebody
 * uses it; the entries are in the order of their last use; more than 64 are open only while all of them are in use.
 */
export class OpenFiles {
  readonly #open: (file: number) => Promise<FileAccess>;
  readonly #entries = new Map<number, Entry>();
  /** Uses and closings under way. */
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(open: (file: number) => Promise<FileAccess>) {
    this.#open = open;
  }

  use<Result>(file: number, work: (access: FileAccess) => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new StoreError('io', 'the files are closed'));
    return this.#track(this.#use(file, work));
  }

  /** It has another name now, or is another file: the next use opens it anew. */
  forget(file: number): void {
    const entry = this.#entries.get(file);
    if (entry === undefined) return;
    this.#entries.delete(file);
    if (entry.users === 0) this.#close(entry);
  }

  /** Resolves when everything is closed; nothing may be used from now on. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const file of [...this.#entries.keys()]) this.forget(file);
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #use<Result>(file: number, work: (access: FileAccess) => Promise<Result>): Promise<Result> {
    const entry = this.#entries.get(file) ?? { opening: this.#open(file), users: 0 };
    this.#entries.delete(file);
    this.#entries.set(file, entry);
    entry.users++;
    try {
      return await work(await entry.opening);
    } catch (error) {
      // Opened anew by the next one: what is wrong with it may have passed.
      if (this.#entries.get(file) === entry) this.#entries.delete(file);
      throw error;
    } finally {
      entry.users--;
      if (entry.users === 0 && this.#entries.get(file) !== entry) this.#close(entry);
      this.#closeSpare();
    }
  }

  #closeSpare(): void {
    for (const [file, entry] of this.#entries) {
      if (this.#entries.size <= MOST_OPEN) return;
      if (entry.users > 0) continue;
      this.#entries.delete(file);
      this.#close(entry);
    }
  }

  #close(entry: Entry): void {
    // It could not be opened, which its user was told, or not closed, which nobody can mend.
    void this.#track(entry.opening.then((access) => access.close())).catch(() => undefined);
  }

  #track<Result>(work: Promise<Result>): Promise<Result> {
    const ended = () => this.#running.delete(work);
    this.#running.add(work);
    work.then(ended, ended);
    return work;
  }
}
