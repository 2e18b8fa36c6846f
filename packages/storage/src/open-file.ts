import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileFailure } from './file-failure.ts';
import { StoreError } from './piece-store.ts';

/**
 * A regular file held open. Always true: the descriptor is closed once, after the last operation that uses it has returned
 * (closing under a running read would let it read whatever file gets the number next; FileHandle counts them and takes any number
 * of closes); after `close` everything is refused.
 */
export class OpenFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #closed = false;

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
    return this.#run((handle) => handle.stat({ bigint: true }));
  }

  /** Resolves to the bytes read: fewer than `into` holds only where the file ends. */
  read(into: Uint8Array, offsetBytes: number): Promise<number> {
    return this.#run(async (handle) => {
      let done = 0;
      while (done < into.length) {
        const { bytesRead } = await handle.read(into, done, into.length - done, offsetBytes + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done;
    });
  }

  /** `offsetBytes` null: at the place that the opening flags say (O_APPEND). */
  write(bytes: Uint8Array, offsetBytes: number | null): Promise<void> {
    return this.#run(async (handle) => {
      let done = 0;
      while (done < bytes.length) {
        const at = offsetBytes === null ? null : offsetBytes + done;
        done += (await handle.write(bytes, done, bytes.length - done, at)).bytesWritten;
      }
    });
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

  close(): Promise<void> {
    this.#closed = true;
    return this.#handle.close();
  }

  async #run<Result>(operation: (handle: FileHandle) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new StoreError('io', `${this.path} is closed`);
    try {
      return await operation(this.#handle);
    } catch (cause) {
      throw fileFailure(cause, this.path);
    }
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
