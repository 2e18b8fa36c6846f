import { link, lstat, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFailure, hasNoLinks, isMissing, isTaken } from '../file-failure.ts';
import { StoreError } from '../piece-store.ts';

/**
 * Renames the file of that inode inside its folder, never overwriting, and no other file that has got its name: StoreError
 * 'destination_exists' | 'missing' | 'changed'. A call that was stopped half-way is completed by the next one. `makeLink` is for tests on
 * file systems that have links.
 */
export async function moveFile(from: string, to: string, inode: bigint, makeLink = link): Promise<void> {
  await checkName(from, inode);
  try {
    await makeLink(from, to);
  } catch (cause) {
    if (hasNoLinks(cause)) return renameWithoutLinks(from, to);
    if (!isTaken(cause)) throw fileFailure(cause, from);
    if (!(await isInode(to, inode))) throw fileFailure(cause, to);
  }
  await removeIfInode(from, inode);
}

async function checkName(path: string, inode: bigint): Promise<void> {
  const found = await inodeOf(path);
  if (found === inode) return;
  if (found !== undefined) {
    throw new StoreError(
      'changed',
      `${path} was replaced by another program: move it away and start the download again`,
    );
  }
  const folder = dirname(path);
  if ((await inodeOf(folder)) === undefined) {
    throw new StoreError(
      'missing',
      `the folder ${folder} is not there any more: make it again and start the download again`,
    );
  }
  throw new StoreError('missing', `${path} was removed or moved away by another program: start the download again`);
}

/** Removes the path where it is (still) the file of that inode. */
export async function removeIfInode(path: string, inode: bigint): Promise<void> {
  if (!(await isInode(path, inode))) return;
  try {
    await rm(path);
  } catch (cause) {
    throw fileFailure(cause, path);
  }
}

/**
 * File systems without hard links: a look, then a rename. Somebody who makes a file of that name between the two would lose
 * it; holding the name with an empty file instead would show an incomplete file under it, for good after a stop.
 */
async function renameWithoutLinks(from: string, to: string): Promise<void> {
  try {
    if ((await inodeOf(to)) !== undefined) {
      throw new StoreError('destination_exists', `${to} exists already and is never overwritten: move it away`);
    }
    await rename(from, to);
  } catch (cause) {
    throw fileFailure(cause, to);
  }
}

const isInode = async (path: string, inode: bigint): Promise<boolean> => (await inodeOf(path)) === inode;

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await lstat(path, { bigint: true })).ino;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw fileFailure(cause, path);
  }
}
