import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { comparePaths, METAINFO_LIMITS } from '@peerage/bittorrent';
import { fileFailure, isMissing } from '../file-failure.ts';
import { StoreError } from '../piece-store.ts';
import { inTurns } from './in-turns.ts';
import { portableNames } from './portable-names.ts';
import { isStagingName } from './staging.ts';

export interface ListedFile {
  /** As it is shared. */
  readonly path: readonly string[];
  /** Below the folder, with slashes, as it lies on the disk. */
  readonly diskPath: string;
  readonly sizeBytes: number;
}

export interface FolderListing {
  /** In the order of `comparePaths`. */
  readonly files: readonly ListedFile[];
  readonly emptyFolders: readonly (readonly string[])[];
  /** Files and folders that are shared under another name, since some system can't hold their own. */
  readonly renamed: readonly { readonly diskPath: string; readonly name: string }[];
  /** Symbolic links: they are not followed. */
  readonly links: readonly string[];
}

interface Folder {
  readonly path: readonly string[];
  readonly diskPath: string;
}

const STATS_AT_ONCE = 8;

/**
 * Everything in a folder that can be shared. StoreError 'not_a_file' for what is neither a file, a folder nor a link (a pipe, a device),
 * 'unsafe_name' for a name that is no text, 'limit' where there are too many files; else as the operating system says.
 */
export async function listFolder(root: string, signal?: AbortSignal): Promise<FolderListing> {
  const files: ListedFile[] = [];
  const emptyFolders: (readonly string[])[] = [];
  const renamed: { diskPath: string; name: string }[] = [];
  const links: string[] = [];
  const waiting: Folder[] = [{ path: [], diskPath: '' }];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    signal?.throwIfAborted();
    const { path, diskPath } = folder;
    const entries = await entriesOf(join(root, diskPath));
    const kept = entries.filter((entry) => !entry.isSymbolicLink() && !isStagingName(entry.name));
    links.push(...entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => join(diskPath, name)));
    if (kept.length === 0 && path.length > 0) emptyFolders.push(path);
    const names = portableNames(kept.map(({ name }) => name));
    const inFolder = kept.map((entry, at) => {
      const name = names[at]!;
      const shared = { path: [...path, name], diskPath: join(diskPath, entry.name) };
      if (name !== entry.name.normalize('NFC')) renamed.push({ diskPath: shared.diskPath, name });
      return { entry, ...shared };
    });
    await inTurns(inFolder, STATS_AT_ONCE, async ({ entry, ...shared }) => {
      if (entry.isDirectory()) waiting.push(shared);
      else files.push({ ...shared, sizeBytes: await sizeOf(join(root, shared.diskPath)) });
    });
    if (files.length + emptyFolders.length + waiting.length > METAINFO_LIMITS.entries) {
      throw new StoreError('limit', `${root} has more than ${METAINFO_LIMITS.entries} files: share parts of it`);
    }
  }
  return {
    files: files.sort((a, b) => comparePaths(a.path, b.path)),
    emptyFolders: emptyFolders.sort(comparePaths),
    renamed,
    links: links.sort(),
  };
}

/** By name, so that the same folder is listed the same on every disk. */
async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } catch (cause) {
    throw fileFailure(cause, path);
  }
}

async function sizeOf(path: string): Promise<number> {
  const stats = await lstat(path).catch((cause: unknown) => {
    if (!isMissing(cause) || !path.includes('\ufffd')) throw fileFailure(cause, path);
    throw new StoreError('unsafe_name', `${path} has a name that is no text: rename it`);
  });
  if (stats.isFile()) return stats.size;
  throw new StoreError('not_a_file', `${path} is neither a file nor a folder: move it out of the folder`);
}
