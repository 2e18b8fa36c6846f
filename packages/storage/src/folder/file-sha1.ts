import { constants } from 'node:fs';
import { Geometry } from '@peerage/bittorrent';
import { startHashJob } from '../hashing/hash-job.ts';
import { OpenFile } from '../open-file.ts';

/** The SHA-1 of a whole file, 20 bytes; undefined where it has another size or is none. Large ones are hashed in a thread of their own. */
export async function fileSha1(path: string, sizeBytes: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  const file = await OpenFile.open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (Number((await file.stat()).size) !== sizeBytes) return undefined;
    const geometry = new Geometry(sizeBytes);
    const options = signal ? { signal } : {};
    const job = startHashJob({ file, geometry, want: 'file', availablePieces: geometry.pieceCount, ...options });
    try {
      const { sha1s, pieces } = await job.result;
      return pieces === geometry.pieceCount ? sha1s : undefined;
    } finally {
      await job.end();
    }
  } finally {
    await file.close();
  }
}
