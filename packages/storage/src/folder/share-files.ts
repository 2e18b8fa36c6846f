import { type Bitfield, type Geometry, PIECE_BYTES, type PieceIndex, type ShareFile } from '@peerage/bittorrent';

/** A part of a byte range of a folder share: inside one of its files. */
export interface Segment {
  readonly file: number;
  readonly fileOffsetBytes: number;
  /** From the beginning of the range. */
  readonly rangeOffsetBytes: number;
  readonly lengthBytes: number;
}

/** What crosses between threads: cheap to copy however many files there are. */
export interface PackedFiles {
  readonly paths: string;
  readonly emptyFolders: string;
  readonly offsets: Float64Array;
  readonly sha1s: Uint8Array;
}

const SHA1_BYTES = 20;

/**
 * The files of a folder share by number, in the order of their bytes. Made for 200,000 of them: a path is cut out of one text when it is
 * asked for. Parsed metainfo holds no control character and no slash in a name, so both can separate.
 */
export class ShareFiles {
  readonly count: number;
  readonly sizeBytes: number;
  readonly #packed: PackedFiles;
  readonly #pathEnds: Uint32Array;

  constructor(packed: PackedFiles) {
    this.#packed = packed;
    this.count = packed.offsets.length - 1;
    this.sizeBytes = packed.offsets[this.count]!;
    this.#pathEnds = new Uint32Array(this.count);
    for (let file = 0, at = 0; file < this.count; file++) {
      const end = packed.paths.indexOf('\n', at);
      this.#pathEnds[file] = end;
      at = end + 1;
    }
  }

  static of(files: readonly ShareFile[], emptyFolders: readonly (readonly string[])[]): ShareFiles {
    const offsets = new Float64Array(files.length + 1);
    const sha1s = new Uint8Array(files.length * SHA1_BYTES);
    for (const [file, { sizeBytes, sha1 }] of files.entries()) {
      offsets[file + 1] = offsets[file]! + sizeBytes;
      sha1s.set(sha1, file * SHA1_BYTES);
    }
    const lines = (paths: readonly (readonly string[])[]) => paths.map((path) => `${path.join('/')}\n`).join('');
    return new ShareFiles({
      paths: lines(files.map(({ path }) => path)),
      emptyFolders: lines(emptyFolders),
      offsets,
      sha1s,
    });
  }

  get packed(): PackedFiles {
    return this.#packed;
  }

  /** With slashes between its names. */
  path(file: number): string {
    return this.#packed.paths.slice(file === 0 ? 0 : this.#pathEnds[file - 1]! + 1, this.#pathEnds[file]);
  }

  /** With slashes between their names. */
  get emptyFolders(): string[] {
    return this.#packed.emptyFolders.split('\n').slice(0, -1);
  }

  sizeOf(file: number): number {
    return this.#packed.offsets[file + 1]! - this.#packed.offsets[file]!;
  }

  offsetOf(file: number): number {
    return this.#packed.offsets[file]!;
  }

  /** 20 bytes, a view. */
  sha1(file: number): Uint8Array {
    return this.#packed.sha1s.subarray(file * SHA1_BYTES, (file + 1) * SHA1_BYTES);
  }

  /** Where the bytes of that range lie; empty files hold none of them. */
  segments(offsetBytes: number, lengthBytes: number): Segment[] {
    const segments: Segment[] = [];
    const { offsets } = this.#packed;
    const endBytes = offsetBytes + lengthBytes;
    for (let file = this.#fileAt(offsetBytes); file < this.count && offsets[file]! < endBytes; file++) {
      const from = Math.max(offsetBytes, offsets[file]!);
      const until = Math.min(endBytes, offsets[file + 1]!);
      if (until <= from) continue;
      segments.push({
        file,
        fileOffsetBytes: from - offsets[file]!,
        rangeOffsetBytes: from - offsetBytes,
        lengthBytes: until - from,
      });
    }
    return segments;
  }

  segmentsOf(piece: PieceIndex, geometry: Geometry): Segment[] {
    return this.segments(geometry.pieceOffsetBytes(piece), geometry.pieceLengthBytes(piece));
  }

  /** Numbers of the first piece that a file has bytes in and of the one after the last; equal for an empty file. */
  piecesOf(file: number): { readonly first: number; readonly end: number } {
    const from = this.offsetOf(file);
    if (this.sizeOf(file) === 0) return { first: 0, end: 0 };
    return { first: Math.floor(from / PIECE_BYTES), end: Math.ceil((from + this.sizeOf(file)) / PIECE_BYTES) };
  }

  /** Pieces of that file that `have` lacks. */
  lackedPieces(file: number, have: Bitfield): number {
    const { first, end } = this.piecesOf(file);
    let lacked = 0;
    for (let piece = first; piece < end; piece++) if (!have.has(piece as PieceIndex)) lacked++;
    return lacked;
  }

  /** The first file that ends behind that place. */
  #fileAt(offsetBytes: number): number {
    const { offsets } = this.#packed;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (offsets[middle + 1]! > offsetBytes) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
