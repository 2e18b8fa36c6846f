import { type Bitfield, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';

export interface PieceCheck {
  /** Whether these bytes have the piece's SHA-1. */
  readonly verifyPiece: (piece: PieceIndex, bytes: Uint8Array) => boolean;
  readonly onProgress?: (donePieces: number, ofPieces: number) => void;
  readonly signal?: AbortSignal;
}

export interface Reread {
  /** Pieces read again, and how many of them were right. */
  readonly pieces: number;
  readonly kept: number;
  /** Whether anything but zeros was read. */
  readonly holdsData: boolean;
}

export function* piecesOf(field: Bitfield): Generator<PieceIndex> {
  for (const piece of field.geometry.pieces()) if (field.has(piece)) yield piece;
}

/** Reads the `doubtful` pieces that `have` lacks and adds those that are right to `have`. `read` resolves to how many bytes there were. */
export async function rereadPieces(
  read: (piece: PieceIndex, into: Uint8Array) => Promise<number>,
  have: Bitfield,
  doubtful: Bitfield,
  check: PieceCheck,
): Promise<Reread> {
  const { geometry } = have;
  const unknown = doubtful.copy();
  for (const piece of piecesOf(have)) unknown.clear(piece);
  const pieces = unknown.count;
  const buffer = Buffer.alloc(Math.min(PIECE_BYTES, geometry.sizeBytes));
  const zeros = Buffer.alloc(buffer.length);
  let done = 0;
  let kept = 0;
  let holdsData = false;
  for (const piece of piecesOf(unknown)) {
    check.signal?.throwIfAborted();
    const bytes = buffer.subarray(0, geometry.pieceLengthBytes(piece));
    const readBytes = await read(piece, bytes);
    holdsData ||= !bytes.subarray(0, readBytes).equals(zeros.subarray(0, readBytes));
    if (readBytes === bytes.length && check.verifyPiece(piece, bytes)) {
      have.set(piece);
      kept++;
    }
    check.onProgress?.(++done, pieces);
  }
  return { pieces, kept, holdsData };
}
