import { type Bitfield, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { sha1OfEach, TOGETHER_PIECES } from '../hashing/sha1.ts';

export interface PieceCheck {
  /** 20 bytes: the SHA-1 that the piece is to have. */
  readonly pieceHash: (piece: PieceIndex) => Uint8Array;
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
  const places = Array.from({ length: Math.min(TOGETHER_PIECES, pieces) }, () =>
    Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, geometry.sizeBytes)),
  );
  const zeros = Buffer.alloc(Math.min(PIECE_BYTES, geometry.sizeBytes));
  const queue = [...piecesOf(unknown)];
  let done = 0;
  let kept = 0;
  let holdsData = false;
  while (done < pieces) {
    const together = queue.slice(done, done + places.length);
    const parts: Buffer[] = [];
    for (const [at, piece] of together.entries()) {
      check.signal?.throwIfAborted();
      const bytes = places[at]!.subarray(0, geometry.pieceLengthBytes(piece));
      const readBytes = await read(piece, bytes);
      parts.push(bytes.subarray(0, readBytes));
      holdsData ||= !parts[at]!.equals(zeros.subarray(0, readBytes));
    }
    for (const [at, sha1] of sha1OfEach(parts).entries()) {
      check.signal?.throwIfAborted();
      const piece = together[at]!;
      if (
        parts[at]!.length === geometry.pieceLengthBytes(piece) &&
        Buffer.compare(sha1, check.pieceHash(piece)) === 0
      ) {
        have.set(piece);
        kept++;
      }
      done++;
      check.onProgress?.(done, pieces);
    }
  }
  return { pieces, kept, holdsData };
}
