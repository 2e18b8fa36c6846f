import { PIECE_BYTES } from '@peerage/bittorrent';
import { StoreError } from '../piece-store.ts';
import type { HashJob, HashPlan, HashResult } from './hash-plan.ts';
import { PieceHashes } from './piece-hashes.ts';

/** A hash job of a small file in this thread. */
export function startInlineJob(plan: HashPlan): HashJob {
  const { file, geometry, signal } = plan;
  const ending = new AbortController();
  const ended = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  const whole = Promise.withResolvers<void>();
  const makeAvailable = (pieces: number) => {
    if (pieces >= geometry.pieceCount) whole.resolve();
  };
  ended.addEventListener('abort', () => whole.resolve());
  makeAvailable(plan.availablePieces);

  async function run(): Promise<HashResult> {
    await whole.promise;
    const hashes = new PieceHashes(plan.want, geometry.pieceCount);
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, geometry.sizeBytes));
    for (const piece of geometry.pieces()) {
      ended.throwIfAborted();
      const bytes = buffer.subarray(0, geometry.pieceLengthBytes(piece));
      if ((await file.read(bytes, geometry.pieceOffsetBytes(piece))) < bytes.length) break;
      hashes.add([bytes]);
      plan.onProgress?.(piece + 1);
    }
    ended.throwIfAborted();
    return hashes.result();
  }

  const result = run();
  const settled = result.then(
    () => undefined,
    () => undefined,
  );
  return {
    result,
    makeAvailable,
    end: () => {
      ending.abort(new StoreError('io', `hashing ${file.path} was ended`));
      return settled;
    },
  };
}
