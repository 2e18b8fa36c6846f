import { rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileFailure } from './file-failure.ts';
import { identityOf } from './file-identity.ts';
import { diskPathOf, identityLine, identityLines } from './folder/folder-identity.ts';
import type { ShareFiles } from './folder/share-files.ts';

/** Files that were removed, and those left since they are not what they were when they were known to be right. */
export interface Removed {
  readonly removed: number;
  readonly left: number;
}

/** Removes a file that is still the one of `identity` (file-identity.ts, as JSON). StoreError 'permission', 'read_only', 'io'. */
export async function removeKnownFile(path: string, identity: string): Promise<Removed> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  if (found === null) return { removed: 0, left: 0 };
  if (!found.isFile() || JSON.stringify(identityOf(found)) !== identity) return { removed: 0, left: 1 };
  await remove(path);
  return { removed: 1, left: 0 };
}

/** Removes the files of a folder that are still those of `identity` (folder-identity.ts), and the folders that are empty then. */
export async function removeKnownFolder(root: string, files: ShareFiles, identity: string): Promise<Removed> {
  const lines = identityLines(identity, files.count) ?? [];
  const folders = new Set<string>();
  let [removed, left] = [0, 0];
  for (let file = 0; file < files.count; file++) {
    const shared = files.path(file);
    const onDisk = diskPathOf(lines[file], shared);
    const path = join(root, onDisk);
    const found = await stat(path, { bigint: true }).catch(() => null);
    if (found === null) continue;
    if (!found.isFile() || identityLine(found, { shared, onDisk }) !== lines[file]) {
      left++;
      continue;
    }
    await remove(path);
    removed++;
    for (let folder = dirname(onDisk); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  }
  for (const folder of files.emptyFolders) folders.add(folder);
  const deepestFirst = [...folders].sort((a, b) => b.length - a.length);
  // What is not empty holds somebody else's files.
  for (const folder of deepestFirst) await rmdir(join(root, folder)).catch(() => undefined);
  await rmdir(root).catch(() => undefined);
  return { removed, left };
}

async function remove(path: string): Promise<void> {
  await rm(path).catch((error: unknown) => {
    throw fileFailure(error, path);
  });
}
