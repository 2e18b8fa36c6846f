import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Bitfield, type Geometry, type PieceIndex } from '@peerage/bittorrent';
import { fileFailure } from '../file-failure.ts';
import { OpenFile } from '../open-file.ts';
import { checkReading, checkWriting } from '../piece-bytes.ts';
import { type PieceStore, StoreError } from '../piece-store.ts';
import { diskPathOf, identityLine, identityLines } from './folder-identity.ts';
import { inTurns } from './in-turns.ts';
import { OpenFiles } from './open-files.ts';
import type { Segment, ShareFiles } from './share-files.ts';

export interface FolderSourceOptions {
  readonly root: string;
  readonly files: ShareFiles;
  readonly geometry: Geometry;
  /** The files as they were when their hashes were made (folder-identity.ts); others are refused with 'changed'. */
  readonly expected: string;
  /** How long one look at a file that is held open is good for (1,000). */
  readonly checkIntervalMs?: number;
}

const AT_ONCE = 8;
/** Files that one `check` looks at; the next one goes on behind them. */
const LOOKED_AT_ONCE = 512;

/**
 * A complete folder that a user shares, read only. Always true: nothing is served from a file that, right after it was read, was not the
 * one that was shared; a file that is held open is looked for at its path again once the last look is older than the interval. What lies
 * in the folder beside the files shared is of no interest.
 */
export class FolderSource implements PieceStore {
  readonly geometry: Geometry;
  readonly have: Bitfield;
  readonly #options: FolderSourceOptions;
  readonly #lines: readonly string[];
  readonly #open: OpenFiles;
  readonly #lookedMs: Float64Array;
  #next = 0;

  constructor(options: FolderSourceOptions) {
    this.geometry = options.geometry;
    this.have = Bitfield.full(options.geometry);
    this.#options = options;
    const lines = identityLines(options.expected, options.files.count);
    if (lines === undefined) throw new RangeError('not the identity of that folder');
    this.#lines = lines;
    this.#lookedMs = new Float64Array(options.files.count).fill(Number.NEGATIVE_INFINITY);
    this.#open = new OpenFiles((file) => this.#openFile(file));
  }

  /** Looks at some of the files now, at others the next time. StoreError 'changed' | 'missing' | 'permission'. */
  async check(): Promise<void> {
    const { count } = this.#options.files;
    const looked = Array.from({ length: Math.min(count, LOOKED_AT_ONCE) }, (_, at) => (this.#next + at) % count);
    await inTurns(looked, AT_ONCE, (file) => this.#look(file));
    this.#next = count === 0 ? 0 : (this.#next + looked.length) % count;
  }

  async readPiece(piece: PieceIndex, into: Uint8Array): Promise<void> {
    checkReading(this, piece, into);
    await inTurns(this.#options.files.segmentsOf(piece, this.geometry), AT_ONCE, (segment) =>
      this.#read(segment, into),
    );
  }

  async writePiece(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    checkWriting(this.geometry, piece, bytes);
    throw new StoreError('read_only', `${this.#options.root} is a shared folder and is never written`);
  }

  writeUnverified(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    return this.writePiece(piece, bytes);
  }

  keepPiece(piece: PieceIndex): void {
    throw new RangeError(`piece ${piece} was not written`);
  }

  /** Nothing to do: the folder is the user's. */
  async checkpoint(): Promise<void> {}

  async finish(): Promise<string> {
    return this.#options.root;
  }

  close(): Promise<void> {
    return this.#open.close();
  }

  /** The same as close: the folder is the user's. */
  discard(): Promise<void> {
    return this.close();
  }

  async #read(segment: Segment, into: Uint8Array): Promise<void> {
    const { file, fileOffsetBytes, rangeOffsetBytes, lengthBytes } = segment;
    const { checkIntervalMs = 1000 } = this.#options;
    await this.#open.use(file, async (opened) => {
      if (performance.now() - this.#lookedMs[file]! >= checkIntervalMs) await this.#look(file);
      const bytes = into.subarray(rangeOffsetBytes, rangeOffsetBytes + lengthBytes);
      const readBytes = await opened.read(bytes, fileOffsetBytes);
      // A write changes the time before it changes the bytes: as long as the time stands, what was read is what was shared.
      const line = identityLine(opened.statNow(), this.#names(file));
      if (readBytes === lengthBytes && line === this.#lines[file]) return;
      this.#lookedMs[file] = Number.NEGATIVE_INFINITY;
      throw this.#changed(file);
    });
  }

  async #openFile(file: number): Promise<OpenFile> {
    const opened = await OpenFile.open(this.#pathOf(file), constants.O_RDONLY | constants.O_NOFOLLOW);
    this.#lookedMs[file] = performance.now();
    return opened;
  }

  async #look(file: number): Promise<void> {
    const path = this.#pathOf(file);
    const startedMs = performance.now();
    try {
      const stats = await stat(path, { bigint: true });
      // The open file could be read on; but who takes the right to read away does not mean to share it.
      await access(path, constants.R_OK);
      if (identityLine(stats, this.#names(file)) !== this.#lines[file]) throw this.#changed(file);
      this.#lookedMs[file] = startedMs;
    } catch (cause) {
      this.#lookedMs[file] = Number.NEGATIVE_INFINITY;
      throw fileFailure(cause, path);
    }
  }

  #names(file: number): { shared: string; onDisk: string } {
    const shared = this.#options.files.path(file);
    return { shared, onDisk: diskPathOf(this.#lines[file], shared) };
  }

  #pathOf(file: number): string {
    return join(this.#options.root, this.#names(file).onDisk);
  }

  #changed(file: number): StoreError {
    return new StoreError('changed', `${this.#pathOf(file)} changed since it was shared: share the folder again`);
  }
}
