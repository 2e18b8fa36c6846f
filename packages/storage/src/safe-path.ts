import { lstat, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { checkPortableName } from '@peerage/bittorrent';
import { fileFailure, isMissing } from './file-failure.ts';
import { StoreError } from './piece-store.ts';

/**
 * The path of a file called `fileName` directly inside `folder`. StoreError 'unsafe_name' for a name that leads anywhere else
 * or that another system can't hold.
 */
export function pathInFolder(folder: string, fileName: string): string {
  const problem = checkPortableName(fileName);
  if (problem !== undefined)
    throw new StoreError('unsafe_name', `the name '${fileName}' ${problem}: choose another name`);
  const path = join(folder, fileName);
  // The rule above has refused every such name; this holds whatever becomes of it.
  if (basename(path) !== fileName || resolve(path, '..') !== resolve(folder)) {
    throw new StoreError('unsafe_name', `the name '${fileName}' leads out of its folder: choose another name`);
  }
  return path;
}

/**
 * Where a download goes: into `destination` where that is a folder, under the share's own name; else `destination` is the name
 * of the file (or folder) to be, in an existing folder. Resolves to an absolute path that is free, or where a folder is to be is one.
 * StoreError 'destination_exists' | 'missing' | 'unsafe_name' | 'permission'.
 */
export async function resolveDestination(
  destination: string,
  shareName: string,
  kind: 'file' | 'folder' = 'file',
): Promise<string> {
  const folder = await isFolder(destination);
  const path = folder ? pathInFolder(resolve(destination), shareName) : resolve(destination);
  if (!folder && /[/\\]$/.test(destination)) {
    throw new StoreError('missing', `${destination} is not there: make the folder or choose another destination`);
  }
  if (!folder && !(await isFolder(resolve(path, '..')))) {
    throw new StoreError(
      'missing',
      `${resolve(path, '..')} is not a folder that exists: make it or choose another destination`,
    );
  }
  if (await isTakenName(path, kind)) {
    throw new StoreError(
      'destination_exists',
      `${path} exists already and is never overwritten: choose another destination`,
    );
  }
  return path;
}

/** Follows links: a folder that the user chose may be one. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw fileFailure(cause, path);
  }
}

/** Does not follow links: a name that leads nowhere is taken too. A folder may go on in a folder. */
async function isTakenName(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  try {
    const stats = await lstat(path);
    return kind === 'file' || !stats.isDirectory();
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw fileFailure(cause, path);
  }
}
