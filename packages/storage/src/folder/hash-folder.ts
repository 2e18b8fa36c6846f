import { Geometry, type ShareFile } from '@peerage/bittorrent';
import { hashInFolder } from '../hashing/folder-hash-job.ts';
import type { HashOptions } from '../hashing/hash-file.ts';
import { StoreError } from '../piece-store.ts';
import { identityLine, identityText } from './folder-identity.ts';
import { type FolderListing, listFolder } from './list-folder.ts';

export interface HashedFolder extends Pick<FolderListing, 'emptyFolders' | 'renamed' | 'links'> {
  readonly geometry: Geometry;
  readonly files: readonly ShareFile[];
  /** 20 bytes a piece of 512 KiB; pieces go across the borders of files (BEP 3). */
  readonly pieceHashes: Uint8Array;
  /** What the files were while they were read: what a FolderSource expects. */
  readonly identity: string;
}

/**
 * Hashes a folder for sharing: the files in one thread, the pieces in another. StoreError as of `listFolder`, 'changed' (while it was
 * read); the signal's reason.
 */
export async function hashFolder(root: string, { onProgress, signal }: HashOptions = {}): Promise<HashedFolder> {
  const listing = await listFolder(root, signal);
  const offsets = new Float64Array(listing.files.length + 1);
  for (const [file, { sizeBytes }] of listing.files.entries()) offsets[file + 1] = offsets[file]! + sizeBytes;
  const geometry = new Geometry(offsets[listing.files.length]!);
  const done = { files: 0, pieces: 0 };
  const ending = new AbortController();
  const start = (want: 'files' | 'pieces') =>
    hashInFolder({
      root,
      files: listing.files.map(({ diskPath }) => diskPath),
      offsets,
      want,
      onProgress: (bytes) => {
        done[want] = bytes;
        onProgress?.(Math.min(done.files, done.pieces), geometry.sizeBytes);
      },
      signal: signal ? AbortSignal.any([signal, ending.signal]) : ending.signal,
    });
  const jobs = [start('files'), start('pieces')] as const;
  const [whole, pieces] = await Promise.all(jobs).catch(async (cause: unknown) => {
    ending.abort(new StoreError('io', `hashing ${root} was ended`));
    await Promise.allSettled(jobs);
    throw cause;
  });
  onProgress?.(geometry.sizeBytes, geometry.sizeBytes);
  const lines = listing.files.map(({ path, diskPath }, file) => {
    const names = { shared: path.join('/'), onDisk: diskPath };
    const line = identityLine(whole.seen.get(file)!, names);
    const other = pieces.seen.get(file);
    if (other === undefined || identityLine(other, names) === line) return line;
    throw new StoreError('changed', `${root}/${diskPath} changed while it was read: try again`);
  });
  return {
    geometry,
    files: listing.files.map(({ path, sizeBytes }, file) => ({
      path,
      sizeBytes,
      sha1: whole.sha1s.subarray(file * 20, file * 20 + 20),
    })),
    emptyFolders: listing.emptyFolders,
    renamed: listing.renamed,
    links: listing.links,
    pieceHashes: pieces.sha1s,
    identity: identityText(lines),
  };
}
