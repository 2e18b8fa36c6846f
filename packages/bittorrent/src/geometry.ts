import type { Brand } from './brand.ts';

/** Bytes of every piece but the last (512 KiB). */
export const PIECE_BYTES = 512 * 1024;
/** Bytes of every block but the last of a share (16 KiB, BEP 3). */
export const BLOCK_BYTES = 16 * 1024;

/** A piece number that exists in the share whose geometry made it. Only {@link Geometry} makes one. */
export type PieceIndex = Brand<number, 'PieceIndex'>;

/** A byte range inside one piece: at most {@link BLOCK_BYTES} long, or the whole piece. Only {@link Geometry} makes one. */
export interface Block {
  readonly piece: PieceIndex;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** How a share of `sizeBytes` is cut into pieces and blocks. An empty share has no piece. */
export class Geometry {
  readonly sizeBytes: number;
  readonly pieceCount: number;
  /** What one request asks for, but for the last block of a piece: 16 KiB on any wire; the simulator cuts coarser for large crowds. */
  readonly blockBytes: number;

  constructor(sizeBytes: number, blockBytes: number = BLOCK_BYTES) {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new RangeError(`not a size in bytes: ${sizeBytes}`);
    this.sizeBytes = sizeBytes;
    this.blockBytes = blockBytes;
    this.pieceCount = Math.ceil(sizeBytes / PIECE_BYTES);
  }

  /** The piece of that number, or undefined where the share has none. */
  piece(index: number): PieceIndex | undefined {
    return Number.isInteger(index) && index >= 0 && index < this.pieceCount ? (index as PieceIndex) : undefined;
  }

  *pieces(): Generator<PieceIndex> {
    for (let index = 0; index < this.pieceCount; index++) yield index as PieceIndex;
  }

  pieceOffsetBytes(piece: PieceIndex): number {
    return piece * PIECE_BYTES;
  }

  pieceLengthBytes(piece: PieceIndex): number {
    return Math.min(PIECE_BYTES, this.sizeBytes - piece * PIECE_BYTES);
  }

  blockCount(piece: PieceIndex): number {
    return Math.ceil(this.pieceLengthBytes(piece) / this.blockBytes);
  }

  /** Block number `ordinal` of a piece, counted from 0; undefined past its end. */
  blockAt(piece: PieceIndex, ordinal: number): Block | undefined {
    const offsetBytes = ordinal * this.blockBytes;
    const pieceBytes = this.pieceLengthBytes(piece);
    if (!Number.isInteger(ordinal) || ordinal < 0 || offsetBytes >= pieceBytes) return undefined;
    return { piece, offsetBytes, lengthBytes: Math.min(this.blockBytes, pieceBytes - offsetBytes) };
  }

  /** A range that somebody asks for or sends: 1 byte to 16 KiB, inside an existing piece, at any offset; else undefined. */
  block(index: number, offsetBytes: number, lengthBytes: number): Block | undefined {
    const piece = this.piece(index);
    if (piece === undefined) return undefined;
    if (!Number.isInteger(offsetBytes) || !Number.isInteger(lengthBytes)) return undefined;
    if (offsetBytes < 0 || lengthBytes < 1 || lengthBytes > BLOCK_BYTES) return undefined;
    if (offsetBytes + lengthBytes > this.pieceLengthBytes(piece)) return undefined;
    return { piece, offsetBytes, lengthBytes };
  }

  /** A piece as somebody asks for or sends it at once: from its first byte to its last; else undefined. */
  wholePiece(index: number, offsetBytes: number, lengthBytes: number): Block | undefined {
    const piece = this.piece(index);
    if (piece === undefined || offsetBytes !== 0 || lengthBytes !== this.pieceLengthBytes(piece)) return undefined;
    return { piece, offsetBytes, lengthBytes };
  }
}
