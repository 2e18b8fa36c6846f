import { constants } from 'node:fs';
import { join } from 'node:path';
import type { StoreError } from '../piece-store.ts';
import type { FolderDisk } from './folder-disk.ts';
import { needsWindowsName, windowsNames } from './portable-names.ts';
import type { ShareFiles } from './share-files.ts';

export interface DiskNames {
  /** Where a path of the share lies below the folder; both with slashes. */
  readonly onDisk: (path: string) => string;
  /** Whether any name had to be mapped. */
  readonly mapped: boolean;
}

const PROBE = 'probe<>:"|?*';

/** How the paths of a share are called on the disk that holds `staging`: as they are, or without what Windows lacks. */
export async function namesForDisk(files: ShareFiles, staging: string, disk: FolderDisk): Promise<DiskNames> {
  const paths = [...Array.from({ length: files.count }, (_, file) => files.path(file)), ...files.emptyFolders];
  if (!paths.some(needsWindowsName) || (await holdsAll(staging, disk))) {
    return { onDisk: (path) => path, mapped: false };
  }
  const namesIn = new Map<string, Set<string>>();
  for (const path of paths) {
    for (const { folder, name } of stepsOf(path)) namesIn.set(folder, (namesIn.get(folder) ?? new Set()).add(name));
  }
  const given = new Map<string, string>();
  for (const [folder, names] of namesIn) {
    const originals = [...names];
    for (const [at, name] of windowsNames(originals).entries()) given.set(join(folder, originals[at]!), name);
  }
  const onDisk = (path: string) =>
    stepsOf(path)
      .map(({ folder, name }) => given.get(join(folder, name))!)
      .join('/');
  return { onDisk, mapped: true };
}

function stepsOf(path: string): { folder: string; name: string }[] {
  const names = path.split('/');
  return names.map((name, depth) => ({ folder: names.slice(0, depth).join('/'), name }));
}

/** Tried, since only the disk knows: file systems of Windows are mounted everywhere. */
async function holdsAll(folder: string, disk: FolderDisk): Promise<boolean> {
  const path = join(folder, PROBE);
  try {
    const access = await disk.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    await access.close();
  } catch (error) {
    const { code } = (error as StoreError).cause as NodeJS.ErrnoException;
    if (code === 'EINVAL' || code === 'EILSEQ') return false;
    throw error;
  }
  await disk.remove(path);
  return true;
}
