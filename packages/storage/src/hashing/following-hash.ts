import { constants } from 'node:fs';
import type { Bitfield, PieceIndex } from '@peerage/bittorrent';
import type { DownloadStore } from '../download/download-store.ts';
import { OpenFile } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';
import { startHashJob } from './hash-job.ts';
import type { HashJob } from './hash-plan.ts';
import type { PieceHash, RunningHash } from './running-hash.ts';
import { hasSha1 } from './sha1.ts';

const WAKE_PIECES = 16;

/**
 * The whole file's SHA-1, made behind a download by a thread that reads what was just written. Always true: only pieces before
 * the first one missing are read; the file read is the very one that the store writes.
 */
export class FollowingHash implements RunningHash {
  readonly #have: Bitfield;
  readonly #pieceHash: PieceHash;
  readonly #file: OpenFile;
  readonly #job: HashJob;
  /** Pieces stored without a gap from the beginning on. */
  #leading = 0;
  /** Of these, how many the thread was told of. */
  #told = 0;
  #closing: Promise<void> | undefined;

  private constructor(have: Bitfield, file: OpenFile, pieceHash: PieceHash) {
    this.#have = have;
    this.#pieceHash = pieceHash;
    this.#file = file;
    this.#countLeading();
    this.#told = this.#leading;
    const { geometry } = have;
    const availablePieces = this.#leading;
    this.#job = startHashJob({ file, geometry, want: 'file', availablePieces, follows: true });
    // Told by `digest`, whenever that is asked; here it only must not go unobserved.
    this.#job.result.catch(() => undefined);
  }

  static async start(store: DownloadStore, pieceHash: PieceHash): Promise<FollowingHash> {
    const file = await OpenFile.open(store.path, constants.O_RDONLY | constants.O_NOFOLLOW);
    if ((await file.stat()).ino !== store.inode) {
      await file.close();
      throw new StoreError('changed', `${store.path} was replaced by another program: start the download again`);
    }
    return new FollowingHash(store.have, file, pieceHash);
  }

  verify(piece: PieceIndex, bytes: Uint8Array): boolean {
    return hasSha1(bytes, this.#pieceHash(piece));
  }

  /** The thread is woken for several at once: each waking costs both threads more than the hashing of a block. */
  advance(): void {
    if (!this.#countLeading() || this.#closing) return;
    if (this.#leading - this.#told < WAKE_PIECES && this.#leading < this.#have.geometry.pieceCount) return;
    this.#told = this.#leading;
    this.#job.makeAvailable(this.#leading);
  }

  async digest(): Promise<Uint8Array> {
    const { sha1s, pieces } = await this.#job.result;
    if (pieces === this.#have.geometry.pieceCount) return sha1s;
    throw new StoreError('changed', `${this.#file.path} was cut short by another program: start the download again`);
  }

  /** Ends the thread and lets go of the file. */
  close(): Promise<void> {
    this.#closing ??= this.#job.end().then(() => this.#file.close());
    return this.#closing;
  }

  #countLeading(): boolean {
    const before = this.#leading;
    const { pieceCount } = this.#have.geometry;
    while (this.#leading < pieceCount && this.#have.has(this.#leading as PieceIndex)) this.#leading++;
    return this.#leading > before;
  }
}
