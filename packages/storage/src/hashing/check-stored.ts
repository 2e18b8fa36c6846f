import { PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import type { PieceStore } from '../piece-store.ts';
import { sha1OfEach, TOGETHER_PIECES } from './sha1.ts';

export interface StoredCheck {
  readonly pieces: number;
  readonly wrong: readonly PieceIndex[];
}

/**
 * Reads every piece that a store has, and says which are wrong or can't be read. The next pieces are read while some are hashed side by side, into
 * 8 MiB at most. Where the signal ends it, it is of the pieces looked at by then.
 */
export async function checkStored(
  store: Pick<PieceStore, 'geometry' | 'have' | 'readPiece'>,
  /** 20 bytes: the SHA-1 that the piece is to have. */
  pieceHash: (piece: PieceIndex) => Uint8Array,
  options: { readonly signal: AbortSignal; readonly onProgress: (doneBytes: number) => void },
): Promise<StoredCheck> {
  const { geometry } = store;
  const pieces = [...geometry.pieces()].filter((piece) => store.have.has(piece));
  const wrong: PieceIndex[] = [];
  const [these, those] = [0, TOGETHER_PIECES].map((before) =>
    Array.from({ length: Math.max(0, Math.min(TOGETHER_PIECES, pieces.length - before)) }, () =>
      Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, geometry.sizeBytes)),
    ),
  ) as [Buffer[], Buffer[]];
  /** Empty for a piece that can't be read. */
  const read = (from: number, places: readonly Buffer[]): Promise<Uint8Array[]> =>
    Promise.all(
      pieces.slice(from, from + TOGETHER_PIECES).map((piece, at) => {
        const bytes = places[at]!.subarray(0, geometry.pieceLengthBytes(piece));
        return store.readPiece(piece, bytes).then(
          () => bytes,
          () => bytes.subarray(0, 0),
        );
      }),
    );
  let done = 0;
  let doneBytes = 0;
  let reading = read(0, these);
  while (done < pieces.length && !options.signal.aborted) {
    const parts = await reading;
    const next = done + parts.length;
    reading = read(next, (next / TOGETHER_PIECES) % 2 === 0 ? these : those);
    for (const [at, sha1] of sha1OfEach(parts).entries()) {
      const piece = pieces[done + at]!;
      if (parts[at]!.length === 0 || Buffer.compare(sha1, pieceHash(piece)) !== 0) wrong.push(piece);
      doneBytes += geometry.pieceLengthBytes(piece);
    }
    done = next;
    options.onProgress(doneBytes);
  }
  await reading; // nobody writes to the store's buffers, or reads from it, any more
  return { pieces: done, wrong };
}
