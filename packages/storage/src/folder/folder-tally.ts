import { Bitfield, type PieceIndex } from '@peerage/bittorrent';
import { FILE, type FolderProgress } from './folder-plan.ts';
import type { Segment, ShareFiles } from './share-files.ts';

/**
 * How far a folder's download is, in numbers. Always true: `lacked` says how many pieces of a chosen file without a final name are missing;
 * `doneBytes` are the bytes of named files and those of stored pieces in the other chosen ones.
 */
export class FolderTally {
  readonly #files: ShareFiles;
  readonly #states: Uint8Array;
  readonly #have: Bitfield;
  readonly #lacked: Int32Array;
  #chosenBytes = 0;
  #chosenFiles = 0;
  #doneBytes = 0;
  #doneFiles = 0;

  /** `states` (FILE.… by number) and `have` are the store's, which tells of every change. */
  constructor(files: ShareFiles, states: Uint8Array, have: Bitfield) {
    this.#files = files;
    this.#states = states;
    this.#have = have;
    this.#lacked = new Int32Array(files.count);
    for (let file = 0; file < files.count; file++) {
      if (states[file] === FILE.skipped) continue;
      this.#chosenFiles++;
      this.#chosenBytes += files.sizeOf(file);
      if (states[file] === FILE.named) this.named();
      else this.#lacked[file] = files.lackedPieces(file, have);
    }
    for (const piece of have.geometry.pieces()) {
      if (have.has(piece)) for (const segment of this.#toCome(piece)) this.#doneBytes += segment.lengthBytes;
    }
    for (let file = 0; file < files.count; file++) {
      if (states[file] === FILE.named) this.#doneBytes += files.sizeOf(file);
    }
  }

  get progress(): FolderProgress {
    return {
      chosenBytes: this.#chosenBytes,
      doneBytes: this.#doneBytes,
      chosenFiles: this.#chosenFiles,
      doneFiles: this.#doneFiles,
      files: this.#files.count,
    };
  }

  lacked(file: number): number {
    return this.#lacked[file]!;
  }

  /** No piece of a chosen file without a final name is missing. */
  get isComplete(): boolean {
    return this.#lacked.every((lacked, file) => lacked === 0 || this.#states[file] !== FILE.part);
  }

  /** Chosen files that are whole and have no final name yet. */
  *wholeFiles(): Generator<number> {
    for (const [file, lacked] of this.#lacked.entries()) {
      if (lacked === 0 && this.#states[file] === FILE.part) yield file;
    }
  }

  /** Pieces that hold nothing of a chosen file that is still to come. */
  skip(): Bitfield {
    const skip = Bitfield.empty(this.#have.geometry);
    for (const piece of skip.geometry.pieces()) {
      if (!this.#have.has(piece) && this.#toCome(piece).length === 0) skip.set(piece);
    }
    return skip;
  }

  /** A piece was stored. Answers with the files that are whole by it. */
  stored(segments: readonly Segment[]): number[] {
    const whole: number[] = [];
    for (const { file, lengthBytes } of segments) {
      if (this.#states[file] !== FILE.part) continue;
      this.#doneBytes += lengthBytes;
      if (--this.#lacked[file]! === 0) whole.push(file);
    }
    return whole;
  }

  /** A piece is missing again. */
  lost(segments: readonly Segment[]): void {
    for (const { file, lengthBytes } of segments) {
      if (this.#states[file] !== FILE.part) continue;
      this.#doneBytes -= lengthBytes;
      this.#lacked[file]!++;
    }
  }

  named(): void {
    this.#doneFiles++;
  }

  /** A named file is a partial one again: all its bytes were right when it got its name. */
  tookBack(file: number): void {
    this.#doneFiles--;
    this.#lacked[file] = this.#files.lackedPieces(file, this.#have);
    const { first, end } = this.#files.piecesOf(file);
    for (let piece = first; piece < end; piece++) {
      if (this.#have.has(piece as PieceIndex)) continue;
      for (const segment of this.#segments(piece as PieceIndex)) {
        if (segment.file === file) this.#doneBytes -= segment.lengthBytes;
      }
    }
  }

  #segments(piece: PieceIndex): Segment[] {
    return this.#files.segmentsOf(piece, this.#have.geometry);
  }

  #toCome(piece: PieceIndex): Segment[] {
    return this.#segments(piece).filter(({ file }) => this.#states[file] === FILE.part);
  }
}
