import { type BigIntStats, constants, fstat, fstatSync, read, readv, write, writev } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileFailure } from './file-failure.ts';
import { StoreError } from './piece-store.ts';

interface AskedRead {
  readonly into: Uint8Array;
  readonly offsetBytes: number;
  readonly resolve: (readBytes: number) => void;
  readonly reject: (cause: unknown) => void;
}

interface GivenWrite {
  readonly bytes: Uint8Array;
  readonly offsetBytes: number;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** In the order of the file, cut where one does not begin at the end of the one before. */
function inRows<Part extends { readonly offsetBytes: number }>(
  parts: readonly Part[],
  lengthOf: (part: Part) => number,
): Part[][] {
  const rows: Part[][] = [];
  let endBytes = -1;
  for (const part of parts.toSorted((left, right) => left.offsetBytes - right.offsetBytes)) {
    if (part.offsetBytes === endBytes) rows.at(-1)!.push(part);
    else rows.push([part]);
    endBytes = part.offsetBytes + lengthOf(part);
  }
  return rows;
}

/**
 * A regular file held open. Always true: the descriptor is closed once, after the last operation that uses it has returned
 * (closing under a running read would let it read whatever file gets the number next); after `close` everything is refused.
 *
 * What is done for every piece (read, write, stat) goes by callbacks and is counted here: FileHandle's own promises cost the thread that serves and receives a tenth of its time.
 * Reads of one turn that follow each other in the file are one call, and so are writes: waking a thread of the pool costs as much as the reading.
 */
export class OpenFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #running = 0;
  #asked: AskedRead[] = [];
  #given: GivenWrite[] = [];
  #closing: PromiseWithResolvers<void> | undefined;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Opens without waiting for a writer where the path is a pipe; anything but a regular file is refused. */
  static async open(path: string, flags: number, mode?: number): Promise<OpenFile> {
    let handle: FileHandle;
    try {
      handle = await open(path, flags | constants.O_NONBLOCK, mode);
    } catch (cause) {
      throw fileFailure(cause, path);
    }
    const file = new OpenFile(path, handle);
    try {
      if (!(await file.stat()).isFile()) throw new StoreError('not_a_file', `${path} is not a file: choose a file`);
    } catch (cause) {
      await file.close();
      throw cause;
    }
    return file;
  }

  /** Only for a worker thread that ends before `close` is called. */
  get descriptor(): number {
    return this.#handle.fd;
  }

  stat(): Promise<BigIntStats> {
    return this.#count((resolve, reject) =>
      fstat(this.#handle.fd, { bigint: true }, (cause, stats) => (cause ? reject(cause) : resolve(stats))),
    );
  }

  /**
   * The same at once, for a file that was read a moment ago: the system has its attributes at hand, and a turn through the thread pool costs the thread that serves twenty times as much.
   */
  statNow(): BigIntStats {
    if (this.#closing !== undefined) throw new StoreError('io', `${this.path} is closed`);
    try {
      return fstatSync(this.#handle.fd, { bigint: true });
    } catch (cause) {
      throw fileFailure(cause, this.path);
    }
  }

  /** Resolves to the bytes read: fewer than `into` holds only where the file ends. */
  read(into: Uint8Array, offsetBytes: number): Promise<number> {
    return this.#count((resolve, reject) => {
      if (into.length === 0) resolve(0);
      else if (this.#asked.push({ into, offsetBytes, resolve, reject }) === 1) queueMicrotask(() => this.#readAsked());
    });
  }

  #readAsked(): void {
    const asked = this.#asked;
    this.#asked = [];
    for (const group of inRows(asked, ({ into }) => into.length)) this.#readGroup(group);
  }

  /** Reads that follow each other. */
  #readGroup(group: readonly AskedRead[]): void {
    const [first] = group as readonly [AskedRead, ...AskedRead[]];
    if (group.length === 1) {
      this.#readOn(first, 0);
      return;
    }
    const buffers = group.map(({ into }) => into);
    readv(this.#handle.fd, buffers, first.offsetBytes, (cause, readBytes) => {
      let left = cause ? 0 : readBytes;
      for (const one of group) {
        const done = Math.min(left, one.into.length);
        left -= done;
        if (cause) one.reject(cause);
        else if (done === one.into.length) one.resolve(done);
        else this.#readOn(one, done); // the system may have been interrupted: whether the file ends here is found out by one more read
      }
    });
  }

  #readOn({ into, offsetBytes, resolve, reject }: AskedRead, from: number): void {
    let done = from;
    const readOn = () =>
      read(this.#handle.fd, into, done, into.length - done, offsetBytes + done, (cause, readBytes) => {
        if (cause) reject(cause);
        else {
          done += readBytes;
          if (readBytes === 0 || done === into.length) resolve(done);
          else readOn();
        }
      });
    readOn();
  }

  /** `offsetBytes` null: at the place that the opening flags say (O_APPEND). */
  write(bytes: Uint8Array, offsetBytes: number | null): Promise<void> {
    return this.#count((resolve, reject) => {
      const given = { bytes, offsetBytes: offsetBytes ?? 0, resolve, reject };
      if (bytes.length === 0) resolve();
      else if (offsetBytes === null) this.#writeOn(given, 0, true);
      else if (this.#given.push(given) === 1) queueMicrotask(() => this.#writeGiven());
    });
  }

  #writeGiven(): void {
    const given = this.#given;
    this.#given = [];
    for (const group of inRows(given, ({ bytes }) => bytes.length)) this.#writeGroup(group);
  }

  /** Writes that follow each other. */
  #writeGroup(group: readonly GivenWrite[]): void {
    const [first] = group as readonly [GivenWrite, ...GivenWrite[]];
    if (group.length === 1) {
      this.#writeOn(first, 0, false);
      return;
    }
    const buffers = group.map(({ bytes }) => bytes);
    writev(this.#handle.fd, buffers, first.offsetBytes, (cause, writtenBytes) => {
      let left = cause ? 0 : writtenBytes;
      for (const one of group) {
        const done = Math.min(left, one.bytes.length);
        left -= done;
        if (done === one.bytes.length) one.resolve();
        else this.#writeOn(one, done, false); // each hears for itself why it could not be written
      }
    });
  }

  #writeOn({ bytes, offsetBytes, resolve, reject }: GivenWrite, from: number, appends: boolean): void {
    let done = from;
    const writeOn = () =>
      write(
        this.#handle.fd,
        bytes,
        done,
        bytes.length - done,
        appends ? null : offsetBytes + done,
        (cause, written) => {
          if (cause) reject(cause);
          else {
            done += written;
            if (done === bytes.length) resolve();
            else writeOn();
          }
        },
      );
    writeOn();
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#run((handle) => handle.truncate(sizeBytes));
  }

  setMode(mode: number): Promise<void> {
    return this.#run((handle) => handle.chmod(mode));
  }

  syncData(): Promise<void> {
    return this.#run((handle) => handle.datasync());
  }

  sync(): Promise<void> {
    return this.#run((handle) => handle.sync());
  }

  /** Safe to call twice. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = Promise.withResolvers();
      if (this.#running === 0) this.#closing.resolve(this.#handle.close());
    }
    return this.#closing.promise;
  }

  #count<Result>(
    start: (resolve: (result: Result) => void, reject: (cause: unknown) => void) => void,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== undefined) {
        reject(new StoreError('io', `${this.path} is closed`));
        return;
      }
      this.#running++;
      const ended = () => {
        if (--this.#running === 0) this.#closing?.resolve(this.#handle.close());
      };
      start(
        (result) => {
          ended();
          resolve(result);
        },
        (cause) => {
          ended();
          reject(fileFailure(cause, this.path));
        },
      );
    });
  }

  #run<Result>(operation: (handle: FileHandle) => Promise<Result>): Promise<Result> {
    return this.#count((resolve, reject) => operation(this.#handle).then(resolve, reject));
  }
}

/** Makes the names inside a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw fileFailure(cause, path);
  }
}
