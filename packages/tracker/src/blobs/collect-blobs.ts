import { hlcAtMs } from '../domain/entities.ts';
import { blobLimits } from '../limits.ts';
import type { Writer } from '../store/writer.ts';
import type { BlobFiles } from './blob-files.ts';

/** Removes metainfo that nothing lists any more, and what broken uploads left. */
export async function collectBlobs(writer: Writer, blobs: BlobFiles, nowMs: number): Promise<void> {
  await blobs.removeLeftovers(blobLimits.unlistedMs, nowMs);
  const storedBefore = hlcAtMs(nowMs - blobLimits.unlistedMs);
  for (const { gid, infoHash } of await writer.run('unreferencedBlobs', { storedBefore })) {
    await blobs.alone(async () => {
      const { forgotten } = await writer.run('forgetBlob', { gid, infoHash });
      if (forgotten) await blobs.remove(gid, infoHash);
    });
  }
}
