import { lstat, mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { moveFile } from '../download/move-file.ts';
import { fileFailure, isMissing, isTaken } from '../file-failure.ts';
import { OpenFile, syncFolder } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';
import type { FileAccess } from './open-files.ts';

/** What a folder's download does with the disk: all of it, so that tests can let any of it fail. Failures are StoreError. */
export interface FolderDisk {
  open(path: string, flags: number, mode?: number): Promise<FileAccess>;
  /** See move-file.ts. */
  move(from: string, to: string, inode: bigint): Promise<void>;
  /** Makes what is missing of the folders `names` below `root`, without following links. Resolves to those it made. */
  makeFolders(root: string, names: readonly string[]): Promise<string[]>;
  syncFolder(path: string): Promise<void>;
  /** Files and folders; what is not there is no failure. */
  remove(path: string): Promise<void>;
}

export const folderDisk: FolderDisk = {
  open: (path, flags, mode) => OpenFile.open(path, flags, mode),
  move: (from, to, inode) => moveFile(from, to, inode),
  syncFolder,
  async makeFolders(root, names) {
    const made: string[] = [];
    let path = root;
    for (const name of names) {
      path = join(path, name);
      if (await makeFolder(path)) made.push(path);
    }
    return made;
  },
  async remove(path) {
    await rm(path, { recursive: true, force: true }).catch((cause: unknown) => {
      throw fileFailure(cause, path);
    });
  },
};

/** True where it was made, false where there is one. A link is none, wherever it leads: nothing may be written outside the folder. */
export async function makeFolder(path: string, mode?: number): Promise<boolean> {
  try {
    await mkdir(path, mode);
    return true;
  } catch (cause) {
    if (!isTaken(cause)) throw fileFailure(cause, path);
  }
  const stats = await lstat(path).catch((cause: unknown) => {
    throw fileFailure(cause, path);
  });
  if (stats.isDirectory()) return false;
  throw new StoreError('destination_exists', `${path} exists already and is no folder: move it away`);
}

/** Removes the folders of these files that are empty by now, and then `root`; anything in them keeps them. */
export async function removeEmptyFolders(root: string, paths: Iterable<string>): Promise<void> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); folder !== '.' && !folders.has(folder); folder = dirname(folder))
      folders.add(folder);
  }
  const deepestFirst = [...folders].sort((a, b) => b.split('/').length - a.split('/').length);
  for (const folder of [...deepestFirst, '.']) {
    await rmdir(join(root, folder)).catch((cause: NodeJS.ErrnoException) => {
      if (!isMissing(cause) && cause.code !== 'ENOTEMPTY' && !isTaken(cause))
        throw fileFailure(cause, join(root, folder));
    });
  }
}
