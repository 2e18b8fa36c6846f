import { constants } from 'node:fs';
import { copyFile, link, unlink } from 'node:fs/promises';
import { PeerageError } from '@peerage/contract';
import { hashFile } from '@peerage/storage';
import { asPeerageError } from '../store-errors.ts';

/** Copies a file that this device shares, checks the copy's SHA-1, and only then gives it its name, which it never takes from another file. */
export async function copyShare(source: string, destination: string, sha1: string): Promise<void> {
  const part = `${destination}.part`;
  try {
    await copyFile(source, part, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    throw asPeerageError(error, 'writing');
  }
  try {
    const copied = await hashFile(part, {});
    if (Buffer.from(copied.sha1).toString('hex') !== sha1) {
      throw new PeerageError('file_changed', `'${source}' is no longer what was shared: upload it anew`);
    }
    await link(part, destination);
  } catch (error) {
    throw asPeerageError(error, 'writing');
  } finally {
    await unlink(part);
  }
}
