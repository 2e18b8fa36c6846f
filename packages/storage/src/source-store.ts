import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { Bitfield, type Geometry, type PieceIndex } from '@peerage/bittorrent';
import { fileFailure } from './file-failure.ts';
import { type FileIdentity, identityOf, sameIdentity } from './file-identity.ts';
import { OpenFile } from './open-file.ts';
import { checkReading, checkWriting } from './piece-bytes.ts';
import { type PieceStore, StoreError } from './piece-store.ts';

export interface SourceStoreOptions {
  /** The file as it was when its hashes were made; another one is refused with 'changed'. */
  readonly expected: FileIdentity;
  /** How long one look at the file's identity is good for (1,000). */
  readonly checkIntervalMs?: number;
}

/**
 * A complete file that a user shares, read only. Always true: nothing is served from a file that, at the last look, was not
 * the one at the path any more, or had another size or modification time. A look is taken before a read once the last one is
 * older than the interval; `check()` is for the times when nobody reads. After a failed look the next call looks again, so a
 * file moved away and back is served again.
 */
export class SourceStore implements PieceStore {
  readonly geometry: Geometry;
  readonly have: Bitfield;
  readonly #file: OpenFile;
  readonly #expected: FileIdentity;
  readonly #checkIntervalMs: number;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  private constructor(geometry: Geometry, file: OpenFile, options: SourceStoreOptions) {
    this.geometry = geometry;
    this.have = Bitfield.full(geometry);
    this.#file = file;
    this.#expected = options.expected;
    this.#checkIntervalMs = options.checkIntervalMs ?? 1000;
  }

  /** StoreError 'missing' | 'permission' | 'not_a_file' | 'changed' | 'io'. */
  static async open(path: string, geometry: Geometry, options: SourceStoreOptions): Promise<SourceStore> {
    const file = await OpenFile.open(path, constants.O_RDONLY);
    const store = new SourceStore(geometry, file, options);
    try {
      if (options.expected.sizeBytes !== geometry.sizeBytes) throw store.#changed();
      await store.check();
    } catch (cause) {
      await file.close();
      throw cause;
    }
    return store;
  }

  /** Looks at the file now. StoreError 'changed' | 'missing' | 'permission'. */
  check(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async readPiece(piece: PieceIndex, into: Uint8Array): Promise<void> {
    checkReading(this, piece, into);
    if (performance.now() - this.#lookedMs >= this.#checkIntervalMs) await this.check();
    const readBytes = await this.#file.read(into, this.geometry.pieceOffsetBytes(piece));
    // A write changes the time before it changes the bytes: as long as the time stands, what was read is what was shared.
    if (readBytes === into.length && sameIdentity(identityOf(this.#file.statNow()), this.#expected)) return;
    this.#lookedMs = Number.NEGATIVE_INFINITY;
    throw this.#changed();
  }

  async writePiece(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    checkWriting(this.geometry, piece, bytes);
    throw new StoreError('read_only', `${this.#file.path} is a shared file and is never written`);
  }

  writeUnverified(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    return this.writePiece(piece, bytes);
  }

  keepPiece(piece: PieceIndex): void {
    throw new RangeError(`piece ${piece} was not written`);
  }

  /** Nothing to do: the file is the user's. */
  async checkpoint(): Promise<void> {}

  async finish(): Promise<string> {
    return this.#file.path;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** The same as close: the file is the user's. */
  discard(): Promise<void> {
    return this.close();
  }

  async #look(): Promise<void> {
    const { path } = this.#file;
    const startedMs = performance.now();
    this.#lookedMs = Number.NEGATIVE_INFINITY;
    const held = await this.#file.stat();
    const named = await stat(path, { bigint: true }).catch((cause: unknown) => {
      throw fileFailure(cause, path);
    });
    // The open file could be read on; but who takes the right to read away does not mean to share it.
    await access(path, constants.R_OK).catch((cause: unknown) => {
      throw fileFailure(cause, path);
    });
    if (!sameIdentity(identityOf(held), this.#expected)) throw this.#changed();
    if (!sameIdentity(identityOf(named), this.#expected)) throw this.#changed();
    this.#lookedMs = startedMs;
  }

  #changed(): StoreError {
    return new StoreError('changed', `${this.#file.path} changed since it was shared: share it again`);
  }
}
