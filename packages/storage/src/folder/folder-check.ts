import { constants } from 'node:fs';
import { Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { startHashJob } from '../hashing/hash-job.ts';
import type { HashJob } from '../hashing/hash-plan.ts';
import { OpenFile } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';
import type { FolderDownload } from './folder-download.ts';
import { partOf } from './staging.ts';

/** From this size on a file is hashed while it still comes in. */
const BEHIND_BYTES = 64 * 1024 * 1024;
const AT_ONCE = 4;
const SPACE_RETRY_MS = 1000;

/** A file whose content is not what its SHA-1 promises, though all its pieces are right: it was shared so. */
export class WrongFileError extends Error {
  readonly path: string;
  constructor(path: string) {
    super(`'${path}' does not match the SHA-1 that it was shared with`);
    this.name = 'WrongFileError';
    this.path = path;
  }
}

interface Behind {
  readonly file: number;
  readonly handle: OpenFile;
  readonly job: HashJob;
  /** The first piece of the file that is missing. */
  nextPiece: number;
}

/**
 * Checks the SHA-1 of each file of a folder's download as soon as it is whole, and has the store name it. Large files are hashed behind the
 * download, one at a time, from their beginning on. Always true: a file is named only after its SHA-1 matched; after a failure nothing more is.
 */
export class FolderCheck {
  readonly #store: FolderDownload;
  readonly #staging: string;
  /** A full disk, or that it has space again. */
  readonly #onSpace: (problem: StoreError | undefined) => void;
  readonly #large: number[];
  readonly #queue: number[] = [];
  readonly #queued = new Set<number>();
  readonly #running = new Set<Promise<void>>();
  readonly #outcome = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  #behind: Behind | undefined;
  #opening = false;
  #ended = false;

  constructor(store: FolderDownload, staging: string, onSpace: (problem: StoreError | undefined) => void) {
    this.#store = store;
    this.#staging = staging;
    this.#onSpace = onSpace;
    const { files } = store;
    this.#large = Array.from({ length: files.count }, (_, file) => file).filter(
      (file) => files.sizeOf(file) >= BEHIND_BYTES && store.isChosen(file) && !store.isNamed(file),
    );
    this.#outcome.promise.catch(() => undefined); // told by `passed`, whenever that is asked
    store.onWhole = (file) => this.#add(file);
    for (const file of store.wholeFiles()) this.#add(file);
    this.advance();
    this.#settle();
  }

  /** To be called after pieces were stored. */
  advance(): void {
    const behind = this.#behind;
    if (behind !== undefined) this.#feed(behind);
    else void this.#startBehind();
  }

  /** Resolves when every chosen file has its final name. Rejects with WrongFileError, StoreError; 'io' where it is closed before. */
  passed(): Promise<void> {
    return this.#outcome.promise;
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.#store.onWhole = undefined;
    this.#fail(new StoreError('io', 'the check of the files was ended'));
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    await this.#endBehind();
  }

  #add(file: number): void {
    if (this.#queued.has(file)) return;
    this.#queued.add(file);
    this.#queue.push(file);
    this.#work();
  }

  #work(): void {
    while (this.#running.size < AT_ONCE && this.#queue.length > 0 && !this.#ended) {
      const file = this.#queue.shift()!;
      const running: Promise<void> = this.#check(file)
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#running.delete(running);
          this.#queued.delete(file);
          this.#work();
          this.#settle();
        });
      this.#running.add(running);
    }
  }

  async #check(file: number): Promise<void> {
    const { files } = this.#store;
    if (Buffer.compare(await this.#sha1(file), files.sha1(file)) !== 0) throw new WrongFileError(files.path(file));
    for (;;) {
      this.#closing.signal.throwIfAborted();
      try {
        await this.#store.nameFile(file);
        this.#onSpace(undefined);
        return;
      } catch (error) {
        if (!(error instanceof StoreError && error.failure === 'no_space')) throw error;
        this.#onSpace(error);
        await this.#pause();
      }
    }
  }

  async #sha1(file: number): Promise<Uint8Array> {
    const behind = this.#behind;
    if (behind?.file === file) {
      try {
        this.#feed(behind);
        return (await behind.job.result).sha1s;
      } finally {
        await this.#endBehind();
        this.advance();
      }
    }
    const geometry = new Geometry(this.#store.files.sizeOf(file));
    return this.#store.withFile(file, async (access) => {
      const handle = access as OpenFile;
      const { signal } = this.#closing;
      const job = startHashJob({ file: handle, geometry, want: 'file', availablePieces: geometry.pieceCount, signal });
      try {
        return (await job.result).sha1s;
      } finally {
        await job.end();
      }
    });
  }

  /** The first large file that has begun to come in is hashed from now on. */
  async #startBehind(): Promise<void> {
    if (this.#opening || this.#ended) return;
    const { files, have } = this.#store;
    while (this.#large.length > 0 && this.#store.isNamed(this.#large[0]!)) this.#large.shift();
    const file = this.#large.find(
      (large) =>
        !this.#queued.has(large) && !this.#store.isNamed(large) && have.has(files.piecesOf(large).first as PieceIndex),
    );
    if (file === undefined) return;
    this.#opening = true;
    try {
      const handle = await OpenFile.open(partOf(this.#staging, file), constants.O_RDONLY | constants.O_NOFOLLOW);
      if (this.#ended || this.#queued.has(file)) {
        await handle.close();
        return;
      }
      const geometry = new Geometry(files.sizeOf(file));
      const job = startHashJob({ file: handle, geometry, want: 'file', availablePieces: 0, follows: true });
      job.result.catch(() => undefined); // asked for when the file is whole
      this.#behind = { file, handle, job, nextPiece: 0 };
      this.#feed(this.#behind);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#opening = false;
    }
  }

  #feed(behind: Behind): void {
    const { files, have, geometry } = this.#store;
    const { first, end } = files.piecesOf(behind.file);
    let piece = Math.max(first, behind.nextPiece);
    while (piece < end && have.has(piece as PieceIndex)) piece++;
    behind.nextPiece = piece;
    const isWhole = piece === end;
    const bytes = isWhole ? 0 : geometry.pieceOffsetBytes(piece as PieceIndex) - files.offsetOf(behind.file);
    behind.job.makeAvailable(
      isWhole ? Math.ceil(files.sizeOf(behind.file) / PIECE_BYTES) : Math.max(0, Math.floor(bytes / PIECE_BYTES)),
    );
  }

  async #endBehind(): Promise<void> {
    const behind = this.#behind;
    this.#behind = undefined;
    if (behind === undefined) return;
    await behind.job.end();
    await behind.handle.close();
  }

  #settle(): void {
    const { chosenFiles, doneFiles } = this.#store.progress;
    if (!this.#ended && doneFiles === chosenFiles) this.#outcome.resolve();
  }

  #fail(error: unknown): void {
    this.#ended = true;
    this.#closing.abort(error);
    this.#outcome.reject(error);
  }

  async #pause(): Promise<void> {
    const { signal } = this.#closing;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, SPACE_RETRY_MS);
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
