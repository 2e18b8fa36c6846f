import { dirname } from 'node:path';
import type { Bitfield, Geometry, PieceIndex } from '@peerage/bittorrent';
import { type OpenFile, syncFolder } from '../open-file.ts';
import { checkReading } from '../piece-bytes.ts';
import { type PieceStore, StoreError } from '../piece-store.ts';
import { PieceWrites } from '../piece-writes.ts';
import { SharedTurns } from '../shared-turns.ts';
import type { JournalFile } from './journal-file.ts';
import { finishedLine, lostLine, storedLines } from './journal-lines.ts';
import { moveFile, removeIfInode } from './move-file.ts';
import { WritingAhead } from './writing-ahead.ts';

export interface DownloadParts {
  readonly geometry: Geometry;
  /** What the opening found to be right and durable. */
  readonly have: Bitfield;
  readonly file: OpenFile;
  readonly inode: bigint;
  readonly journal: JournalFile;
  readonly partPath: string;
  readonly destination: string;
  /** The file has its final name already, only its last sync may be missing. */
  readonly named: boolean;
}

/**
 * A download on disk: the partial file and its journal. `openDownload` makes it. Always true:
 * - a piece in `have` is with the operating system, and the journal says `writing` for it: after a kill the next opening reads it again;
 * - the journal says `stored` only for pieces whose data was synced before;
 * - the final name appears at once, for a complete file, and never in the place of another one;
 * - the journal stays until file and folder were synced under the final name.
 * A failed sync of the data is final: the operating system may have dropped what it could not write, so a later sync that
 * succeeds proves nothing. It is 'io' whatever the cause, since waiting helps nothing: the pieces since the last checkpoint are
 * read again at the next opening.
 */
export class DownloadStore implements PieceStore {
  readonly geometry: Geometry;
  readonly have: Bitfield;
  readonly #parts: DownloadParts;
  readonly #ahead: WritingAhead;
  readonly #checkpoints = new SharedTurns(() => this.#checkpointNow());
  readonly #writes: PieceWrites;
  #unsynced: PieceIndex[] = [];
  #syncFailure: StoreError | undefined;
  #named: boolean;
  #finishing: Promise<string> | undefined;
  /** `finish` gave it its name; only its last sync is missing. */
  #isFinished = false;
  #settling: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #discarding: Promise<void> | undefined;

  constructor(parts: DownloadParts) {
    this.#parts = parts;
    this.#ahead = new WritingAhead(parts.geometry, parts.journal);
    this.geometry = parts.geometry;
    this.have = parts.have;
    this.#named = parts.named;
    this.#writes = new PieceWrites(parts.have, {
      refuseClosed: () => this.#refuseClosed(),
      write: (piece, bytes) => [
        parts.file.write(bytes, parts.geometry.pieceOffsetBytes(piece)),
        this.#ahead.say(piece, this.have),
      ],
      onKept: (piece) => this.#unsynced.push(piece),
    });
  }

  /** Where the data is now: the partial file, and after `finish` the destination. */
  get path(): string {
    return this.#named ? this.#parts.destination : this.#parts.partPath;
  }

  /** StoreError 'changed' where the file has another size than it was given. */
  async checkSize(): Promise<void> {
    const { size } = await this.#parts.file.stat();
    if (size !== BigInt(this.geometry.sizeBytes)) {
      throw new StoreError(
        'changed',
        `${this.path} was cut short or made longer by another program: start the download again`,
      );
    }
  }

  /** Of the file that holds the data, whatever its name is. */
  get inode(): bigint {
    return this.#parts.inode;
  }

  async readPiece(piece: PieceIndex, into: Uint8Array): Promise<void> {
    checkReading(this, piece, into);
    const readBytes = await this.#parts.file.read(into, this.geometry.pieceOffsetBytes(piece));
    if (readBytes < into.length) {
      throw new StoreError('changed', `${this.path} was cut short by another program: start the download again`);
    }
  }

  writePiece(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    return this.#writes.write(piece, bytes);
  }

  writeUnverified(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    return this.#writes.writeUnverified(piece, bytes);
  }

  keepPiece(piece: PieceIndex): void {
    this.#writes.keep(piece);
  }

  /** A check found the piece wrong on the disk: it is to be fetched again. RangeError once `finish` has given the file its name. */
  lose(piece: PieceIndex): Promise<void> {
    return this.#writes.lose(piece, async () => {
      while (this.#finishing && !this.#isFinished) await this.#finishing.catch(() => undefined);
      if (this.#isFinished) throw new RangeError('lose() after finish()');
      this.have.clear(piece); // first, so that `finish` does not count it and no failure below makes it durable
      await this.#checkpoints.between(() => this.#noteLost(piece)); // a checkpoint under way would say `stored` of it once more
    });
  }

  async #noteLost(piece: PieceIndex): Promise<void> {
    const { journal } = this.#parts;
    this.#unsynced = this.#unsynced.filter((other) => other !== piece);
    const saying = journal.append(lostLine(piece));
    this.#ahead.forget(piece);
    await saying;
    await journal.sync();
  }

  async checkpoint(): Promise<void> {
    this.#refuseClosed();
    await (this.#isFinished ? this.#settleOnce() : this.#checkpoints.run());
  }

  /**
   * StoreError 'destination_exists' where something has got the name meanwhile (the download stays as it is). Nobody waits for
   * the disk: the last sync is made by `close` or `checkpoint`, and until then the journal says what to read again after a power cut.
   */
  finish(): Promise<string> {
    this.#finishing ??= this.#finish().catch((cause: unknown) => {
      this.#finishing = undefined;
      throw cause;
    });
    return this.#finishing;
  }

  async #finish(): Promise<string> {
    this.#refuseClosed();
    if (!this.have.isFull) throw new RangeError('finish() before the last piece');
    const { file, inode, journal, partPath, destination } = this.#parts;
    if (!this.#named) {
      await journal.append(finishedLine((await file.stat()).mtimeNs));
      await moveFile(partPath, destination, inode);
      this.#named = true;
    }
    this.#isFinished = true;
    return destination;
  }

  #settleOnce(): Promise<void> {
    this.#settling ??= this.#checkpoints.between(() => this.#settle()); // the journal goes, and a failed sync is known
    return this.#settling;
  }

  async #settle(): Promise<void> {
    const { file, journal, destination } = this.#parts;
    if (this.#syncFailure) throw this.#syncFailure;
    await file.sync();
    await syncFolder(dirname(destination));
    await journal.remove();
  }

  close(): Promise<void> {
    this.#closing ??= this.#release(true);
    return this.#closing;
  }

  discard(): Promise<void> {
    this.#discarding ??= this.#discard();
    return this.#discarding;
  }

  async #discard(): Promise<void> {
    this.#closing ??= this.#release(false);
    await this.#closing;
    if (this.#named) return;
    const { partPath, inode, journal } = this.#parts;
    // First the data: a journal without data is understood at the next opening, data without a journal would have to be read.
    await removeIfInode(partPath, inode);
    await journal.remove();
  }

  /** `keep`: also what has no final name. */
  async #release(keep: boolean): Promise<void> {
    const { file, journal } = this.#parts;
    await Promise.allSettled([this.#writes.close(), this.#finishing]);
    try {
      if (this.#isFinished) await this.#settleOnce();
      else if (keep || this.#named) await this.#checkpoints.run().then(() => this.#ahead.takeBack(this.have));
    } finally {
      await Promise.all([file.close(), journal.close(), this.#checkpoints.ended()]);
    }
  }

  async #checkpointNow(): Promise<void> {
    const { file, journal } = this.#parts;
    if (this.#syncFailure) throw this.#syncFailure;
    const pieces = this.#unsynced;
    if (pieces.length === 0) return;
    this.#unsynced = [];
    try {
      await file.syncData();
    } catch (cause) {
      const message = `${this.path} could not be saved on its disk: check the disk, then resume the download to have it read again`;
      this.#syncFailure = new StoreError('io', message, { cause });
      throw this.#syncFailure;
    }
    try {
      await journal.append(storedLines(pieces.toSorted((one, other) => one - other)));
      await journal.sync();
    } catch (cause) {
      this.#unsynced.push(...pieces);
      throw cause;
    }
  }

  #refuseClosed(): void {
    if (this.#closing) throw new StoreError('io', `${this.path} is closed`);
  }
}
