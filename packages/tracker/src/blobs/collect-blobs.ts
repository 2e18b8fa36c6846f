import { hlcAtMs } from '../domain/entities.ts';
import type { Writer } from '../store/writer.ts';
import type { BlobFiles } from './blob-files.ts';

/** Metainfo that nothing lists is kept so long: an upload stores it before it shares it. */
export const UNREFERENCED_BLOB_MS = 3_600_000;

/** Removes metainfo that nothing lists any more, and what broken uploads left. */
export async function collectBlobs(writer: Writer, blobs: BlobFiles, nowMs: number): Promise<void> {
  await blobs.removeLeftovers(UNREFERENCED_BLOB_MS, nowMs);
  const storedBefore = hlcAtMs(nowMs - UNREFERENCED_BLOB_MS);
  for (const { gid, infoHash } of await writer.run('unreferencedBlobs', { storedBefore })) {
    await blobs.alone(async () => {
      const { forgotten } = await writer.run('forgetBlob', { gid, infoHash });
      if (forgotten) await blobs.remove(gid, infoHash);
    });
  }
}
