import { dirname, join } from 'node:path';
import { copyVerified } from '../copy-file.ts';
import { isMissing } from '../file-failure.ts';
import { StoreError } from '../piece-store.ts';
import { fileSha1 } from './file-sha1.ts';
import { folderDisk, makeFolder } from './folder-disk.ts';
import { diskPathOf, identityLines } from './folder-identity.ts';
import type { ShareFiles } from './share-files.ts';

interface FolderCopy {
  readonly source: string;
  /** What the source's files are (folder-identity.ts): where they lie. */
  readonly identity: string;
  readonly destination: string;
  readonly files: ShareFiles;
  /** 1 for each file that is wanted. */
  readonly chosen: Uint8Array;
}

/**
 * Copies files of a folder that is shared here; each gets its name when it is on the disk and its SHA-1 is right. Equal files that are there stay.
 * StoreError as of `copyVerified`, 'destination_exists' for another file under a name; what was copied before stays.
 */
export async function copyFolderVerified({ source, identity, destination, files, chosen }: FolderCopy): Promise<void> {
  const lines = identityLines(identity, files.count);
  await makeFolder(destination);
  for (let file = 0; file < files.count; file++) {
    if (!chosen[file]) continue;
    const path = files.path(file);
    const target = join(destination, path);
    if (dirname(path) !== '.') await folderDisk.makeFolders(destination, dirname(path).split('/'));
    const found = await fileSha1(target, files.sizeOf(file)).catch((error: unknown) => {
      if (error instanceof StoreError && isMissing(error.cause)) return 'missing' as const;
      throw error;
    });
    if (found === 'missing') {
      await copyVerified(join(source, diskPathOf(lines?.[file], path)), target, files.sha1(file));
    } else if (found === undefined || Buffer.compare(found, files.sha1(file)) !== 0) {
      throw new StoreError('destination_exists', `${target} exists already and is never overwritten: move it away`);
    }
  }
  if (chosen.includes(0)) return;
  for (const folder of files.emptyFolders) await folderDisk.makeFolders(destination, folder.split('/'));
}
