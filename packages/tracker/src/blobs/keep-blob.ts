import type { Writer } from '../store/writer.ts';
import type { BlobFiles, ReceivedBlob } from './blob-files.ts';

/** Gives received metainfo its final name and its row, when `mayKeep` does not refuse. */
export async function keepBlob(
  { writer, blobs }: { readonly writer: Writer; readonly blobs: BlobFiles },
  received: ReceivedBlob,
  place: { readonly gid: string; readonly infoHash: string },
  mayKeep: (blobBytes: number) => Promise<unknown>,
): Promise<void> {
  const { gid, infoHash } = place;
  const { blobBytes, summary } = received;
  const { name, sizeBytes, pieces, files } = summary;
  // A folder, whose files have a SHA-1 each, is named by its info-hash.
  const sha1 = summary.sha1 ?? infoHash;
  const about = { name, sizeBytes, pieces, sha1, blobBytes, ...(files !== undefined && { files }) };
  await blobs.alone(async () => {
    await mayKeep(blobBytes);
    await blobs.keep(received, gid, infoHash);
    await writer.run('rememberBlob', { gid, infoHash, about });
  });
}
