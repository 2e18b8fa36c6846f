import type { Bitfield, Geometry, PieceIndex } from '@peerage/bittorrent';
import { lostLine, storedLines, writingLine } from '../download/journal-lines.ts';
import { checkReading } from '../piece-bytes.ts';
import { type PieceStore, StoreError } from '../piece-store.ts';
import { PieceWrites } from '../piece-writes.ts';
import { SharedTurns } from '../shared-turns.ts';
import { removeEmptyFolders } from './folder-disk.ts';
import { type FolderParts, FolderPlaces } from './folder-places.ts';
import { FILE, type FolderProgress } from './folder-plan.ts';
import { FolderTally } from './folder-tally.ts';
import { inTurns } from './in-turns.ts';
import type { FileAccess } from './open-files.ts';
import type { Segment, ShareFiles } from './share-files.ts';

const AT_ONCE = 8;
/** The system's threads for files are few: some stay free for pieces while the disk syncs. */
const SYNCS_AT_ONCE = 2;

/**
 * The download of a folder, or of some of its files. `openFolderDownload` makes it. Always true:
 * - a file gets its final name at once, whole, never in the place of another one; until then it is a partial file of the hidden folder;
 * - of files that were not chosen only what lies in a piece with chosen ones is kept, in the border file, so that these pieces can be served;
 * - a piece in `have` is with the operating system, and the journal says `writing` for it; it says `stored` only for pieces whose data was
 *   synced before.
 * A failed sync of the data is final, as of one file's download (download-store.ts).
 */
export class FolderDownload implements PieceStore {
  readonly geometry: Geometry;
  readonly have: Bitfield;
  /** Told of every file that is whole now and has no final name yet. */
  onWhole: ((file: number) => void) | undefined;
  readonly #parts: FolderParts;
  readonly #places: FolderPlaces;
  readonly #tally: FolderTally;
  readonly #checkpoints = new SharedTurns(() => this.#checkpointNow());
  readonly #writes: PieceWrites;
  readonly #naming = new Map<number, Promise<void>>();
  #unsynced: PieceIndex[];
  /** Pieces that are being lost. */
  #losing = 0;
  #syncFailure: StoreError | undefined;
  #finishing: Promise<string> | undefined;
  #settling: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #discarding: Promise<void> | undefined;

  /** `have` is what the opening found to be right; the journal does not vouch yet for what is `unsynced` of it. */
  constructor(parts: FolderParts, have: Bitfield, unsynced: readonly PieceIndex[]) {
    this.#parts = parts;
    this.geometry = parts.plan.geometry;
    this.have = have;
    this.#unsynced = [...unsynced];
    this.#places = new FolderPlaces(parts);
    this.#writes = new PieceWrites(have, {
      refuseClosed: () => this.#refuseClosed(),
      write: (piece, bytes) => [
        inTurns(this.#segments(piece), AT_ONCE, (segment) => this.#places.write(segment, bytes)),
        parts.journal.append(writingLine(piece)),
      ],
      onKept: (piece) => this.#onKept(piece),
    });
    this.#tally = new FolderTally(parts.plan.files, parts.states, have);
    for (const piece of unsynced) {
      for (const { file } of this.#segments(piece)) this.#places.dirty.add(this.#places.placeOf(file));
    }
  }

  get files(): ShareFiles {
    return this.#parts.plan.files;
  }

  get progress(): FolderProgress {
    return this.#tally.progress;
  }

  /** Every file of the share is here under its final name. */
  get isWhole(): boolean {
    return this.#tally.progress.doneFiles === this.files.count;
  }

  /** Pieces that hold nothing of a chosen file that is still to come. */
  skip(): Bitfield {
    return this.#tally.skip();
  }

  isNamed(file: number): boolean {
    return this.#parts.states[file] === FILE.named;
  }

  isChosen(file: number): boolean {
    return this.#parts.states[file] !== FILE.skipped;
  }

  /** Chosen files that are whole and have no final name yet. */
  wholeFiles(): Iterable<number> {
    return this.#tally.wholeFiles();
  }

  /** What the files are now, as a FolderSource expects them; only where the share is whole. */
  get identity(): string {
    return this.#places.identity;
  }

  /** For who hashes a file: its data, wherever it is now. */
  withFile<Result>(file: number, work: (access: FileAccess) => Promise<Result>): Promise<Result> {
    return this.#places.use(file, work);
  }

  async readPiece(piece: PieceIndex, into: Uint8Array): Promise<void> {
    checkReading(this, piece, into);
    await inTurns(this.#segments(piece), AT_ONCE, (segment) => this.#places.read(segment, into));
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

  /** Gives a whole file its final name; its SHA-1 matched. StoreError 'destination_exists' and the like: it stays a partial file. */
  nameFile(file: number): Promise<void> {
    const running = this.#naming.get(file);
    if (running !== undefined) return running;
    const naming = this.#nameFile(file).finally(() => this.#naming.delete(file));
    this.#naming.set(file, naming);
    return naming;
  }

  /**
   * A check found the piece wrong on the disk: it is to be fetched again. Files in it lose their final names until then. RangeError once
   * `finish` has given all of the share its names.
   */
  lose(piece: PieceIndex): Promise<void> {
    return this.#writes.lose(piece, async () => {
      const segments = this.#segments(piece);
      const naming = () => segments.flatMap(({ file }) => this.#naming.get(file) ?? []);
      while (naming().length > 0) await Promise.allSettled(naming());
      if (this.#settling !== undefined) throw new RangeError('lose() after finish()');
      // First, so that nothing is named for it and no failure below makes it durable.
      if (this.have.clear(piece)) this.#tally.lost(segments);
      this.#finishing = undefined;
      this.#losing++;
      try {
        await this.#checkpoints.between(() => this.#noteLost(piece, segments)); // a checkpoint under way would say `stored` of it once more
      } finally {
        this.#losing--;
      }
    });
  }

  async #noteLost(piece: PieceIndex, segments: readonly Segment[]): Promise<void> {
    const { journal } = this.#parts;
    this.#unsynced = this.#unsynced.filter((other) => other !== piece);
    await journal.append(lostLine(piece));
    await journal.sync();
    for (const { file } of segments) {
      if (!this.isNamed(file)) continue;
      await this.#places.takeBack(file);
      this.#tally.tookBack(file);
    }
  }

  async checkpoint(): Promise<void> {
    this.#refuseClosed();
    await (this.#settling ?? this.#checkpoints.run());
  }

  /** Names what has no name yet. Nobody waits for the disk: the last sync goes on behind the answer; `close` and `checkpoint` wait for it. */
  finish(): Promise<string> {
    this.#finishing ??= this.#finish().catch((cause: unknown) => {
      this.#finishing = undefined;
      throw cause;
    });
    return this.#finishing;
  }

  close(): Promise<void> {
    this.#closing ??= this.#release(true);
    return this.#closing;
  }

  discard(): Promise<void> {
    this.#discarding ??= this.#discard();
    return this.#discarding;
  }

  #onKept(piece: PieceIndex): void {
    this.#unsynced.push(piece);
    for (const file of this.#tally.stored(this.#segments(piece))) this.onWhole?.(file);
  }

  #segments(piece: PieceIndex): Segment[] {
    return this.files.segmentsOf(piece, this.geometry);
  }

  async #nameFile(file: number): Promise<void> {
    this.#refuseClosed();
    if (this.isNamed(file)) return;
    if (!this.isChosen(file) || this.#tally.lacked(file) > 0) throw new RangeError(`file ${file} is not whole`);
    await this.#places.name(file);
    this.#tally.named();
  }

  async #finish(): Promise<string> {
    this.#refuseClosed();
    this.#refuseIncomplete();
    await inTurns(this.wholeFiles(), AT_ONCE, (file) => this.nameFile(file));
    if (this.isWhole) {
      const { onDisk } = this.#parts;
      for (const folder of this.files.emptyFolders) await this.#places.makeFolder(onDisk(folder));
    }
    this.#refuseIncomplete();
    const settling = this.#settle();
    // Whoever waits for it (close, checkpoint) is told of its failure; here it only must not go unobserved.
    settling.catch(() => undefined);
    // A part of the share goes on to serve, and more of it may be chosen later: its journal stays.
    if (this.isWhole) this.#settling = settling;
    return this.#parts.plan.destination;
  }

  #refuseIncomplete(): void {
    if (this.#losing === 0 && this.#tally.isComplete) return;
    throw new RangeError('finish() before the last piece');
  }

  async #settle(): Promise<void> {
    await this.#checkpoints.run();
    if (!this.isWhole) return;
    await this.#parts.journal.remove();
    await this.#parts.disk.remove(this.#parts.staging);
  }

  async #discard(): Promise<void> {
    this.#closing ??= this.#release(false);
    await this.#closing;
    if (this.#settling !== undefined) return;
    const { disk, staging, journal, plan, onDisk } = this.#parts;
    // First the data: a journal without data is understood at the next opening, data without a journal would have to be read.
    await disk.remove(staging);
    await journal.remove();
    const paths = Array.from({ length: plan.files.count }, (_, file) => onDisk(plan.files.path(file)));
    await removeEmptyFolders(plan.destination, paths);
  }

  /** `keep`: also what is not complete. */
  async #release(keep: boolean): Promise<void> {
    await Promise.allSettled([this.#writes.close(), ...this.#naming.values(), this.#finishing]);
    try {
      if (keep || this.#settling !== undefined) await (this.#settling ?? this.#checkpoints.run());
    } finally {
      await Promise.all([this.#places.close(), this.#parts.journal.close(), this.#checkpoints.ended()]);
    }
  }

  async #checkpointNow(): Promise<void> {
    const { journal, disk, plan } = this.#parts;
    if (this.#syncFailure) throw this.#syncFailure;
    const pieces = this.#unsynced;
    const dirty = [...this.#places.dirty];
    const folders = [...this.#places.folders];
    if (pieces.length === 0 && dirty.length === 0 && folders.length === 0) return;
    this.#unsynced = [];
    this.#places.dirty.clear();
    this.#places.folders.clear();
    try {
      await inTurns(dirty, SYNCS_AT_ONCE, (place) => this.#places.sync(place));
    } catch (cause) {
      const message = `${plan.destination} could not be saved on its disk: check the disk, then resume the download to have it read again`;
      this.#syncFailure = new StoreError('io', message, { cause });
      throw this.#syncFailure;
    }
    try {
      for (const folder of folders) await disk.syncFolder(folder);
      await journal.append(storedLines(pieces.toSorted((one, other) => one - other)));
      await journal.sync();
    } catch (cause) {
      this.#unsynced.push(...pieces);
      for (const folder of folders) this.#places.folders.add(folder);
      throw cause;
    }
  }

  #refuseClosed(): void {
    if (this.#closing) throw new StoreError('io', `${this.#parts.plan.destination} is closed`);
  }
}
