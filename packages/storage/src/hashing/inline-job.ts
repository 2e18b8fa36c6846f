import { PIECE_BYTES } from '@peerage/bittorrent';
import { StoreError } from '../piece-store.ts';
import type { HashJob, HashPlan, HashResult } from './hash-plan.ts';
import { Sha1, sha1 } from './sha1.ts';

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
    const fileHash = plan.want === 'file' ? new Sha1() : undefined;
    const sha1s = new Uint8Array(fileHash ? 20 : geometry.pieceCount * 20);
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, geometry.sizeBytes));
    for (const piece of geometry.pieces()) {
      ended.throwIfAborted();
      const bytes = buffer.subarray(0, geometry.pieceLengthBytes(piece));
      if ((await file.read(bytes, geometry.pieceOffsetBytes(piece))) < bytes.length) return { sha1s, pieces: piece };
      if (fileHash) fileHash.update(bytes);
      else sha1s.set(sha1(bytes), piece * 20);
      plan.onProgress?.(piece + 1);
    }
    ended.throwIfAborted();
    if (fileHash) sha1s.set(fileHash.digest());
    return { sha1s, pieces: geometry.pieceCount };
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
