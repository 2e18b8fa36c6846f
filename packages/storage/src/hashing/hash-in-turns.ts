import type { Geometry } from '@peerage/bittorrent';
import type { OpenFile } from '../open-file.ts';
import type { HashPlan, HashResult } from './hash-plan.ts';
import { Sha1Relay } from './sha1-relay.ts';
import { startWorkerJob } from './worker-job.ts';

const THREADS = 2;
const SHA1_BYTES = 20;

/**
 * The whole file's SHA-1 and those of its pieces, by two threads that read parts of the file in turns: the whole file's goes from one to the other, so that it never waits for the disk,
 * nor for the pieces'. Only where SHA-1 is compiled: Node's can't be handed over.
 */
export async function hashInTurns(
  file: OpenFile,
  geometry: Geometry,
  onProgress: (pieces: number) => void,
  signal: HashPlan['signal'],
): Promise<HashResult> {
  const relay = new Sha1Relay().memory;
  const sha1s = new SharedArrayBuffer(SHA1_BYTES * (1 + geometry.pieceCount));
  let most = 0;
  const jobs = Array.from({ length: THREADS }, (_, place) =>
    startWorkerJob({
      file,
      geometry,
      want: 'both',
      availablePieces: geometry.pieceCount,
      inTurns: { place, threads: THREADS, relay, sha1s },
      onProgress: (pieces) => {
        most = Math.max(most, pieces);
        onProgress(most);
      },
      ...(signal && { signal }),
    }),
  );
  try {
    const results = await Promise.all(jobs.map(({ result }) => result));
    return { sha1s: new Uint8Array(sha1s).slice(), pieces: Math.min(...results.map(({ pieces }) => pieces)) };
  } finally {
    // Where one failed, the other still reads the file that is about to be closed.
    await Promise.all(jobs.map((job) => job.end()));
  }
}
