import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { moveFile, removeIfInode } from './download/move-file.ts';
import { partPath } from './download/part-path.ts';
import { fileFailure } from './file-failure.ts';
import { hashFile } from './hashing/hash-file.ts';
import { OpenFile, syncFolder } from './open-file.ts';
import { StoreError } from './piece-store.ts';

/**
 * Copies a whole file; the copy gets its name, which it never takes from another file, when it is on the disk and has that SHA-1 (20
 * bytes). StoreError as of `openDownload`, and 'changed' where the source is another file by now; then nothing is left.
 */
export async function copyVerified(source: string, destination: string, sha1: Uint8Array): Promise<void> {
  await (await OpenFile.open(source, constants.O_RDONLY)).close(); // what is wrong with the source is told of the source
  const part = partPath(destination);
  await copyFile(source, part, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE).catch((cause: unknown) => {
    throw fileFailure(cause, part);
  });
  const copy = await OpenFile.open(part, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { ino } = await copy.stat();
  try {
    const hashed = await hashFile(part);
    if (Buffer.compare(hashed.sha1, sha1) !== 0) {
      throw new StoreError('changed', `${source} is no longer what was shared: upload it anew`);
    }
    await copy.sync();
    await moveFile(part, destination, ino);
    await syncFolder(dirname(destination));
  } catch (cause) {
    await removeIfInode(part, ino);
    throw cause;
  } finally {
    await copy.close();
  }
}
