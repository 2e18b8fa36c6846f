import { existsSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stagingPath } from '@peerage/storage';
import type { DownloadRow } from './download-rows.ts';
import { isInEngine } from './download-view.ts';
import type { Library } from './library.ts';

export const journalOf = (home: string, row: DownloadRow): string => join(home, 'journals', row.id);

/**
 * Finished downloads whose client ended before their last bytes were known to be on the disk: their journals are still there. What is there is synced, and read again before it is offered. Called before
 * the user's shares are.
 */
export async function settleFinished(library: Library, home: string, uid: string): Promise<void> {
  for (const row of library.downloads.ofUser(uid)) {
    const journal = journalOf(home, row);
    if (row.state !== 'completed' || isInEngine(row) || !existsSync(journal)) continue;
    await syncAll(row);
    const share = library.shares.find(uid, row.infoHash);
    if (share?.path === row.destination) library.shares.save({ ...share, identity: '' });
    if (row.folder) await rm(stagingPath(row.destination, row.infoHash), { recursive: true, force: true });
    await rm(journal, { force: true });
  }
}

async function syncAll({ destination, folder }: DownloadRow): Promise<void> {
  if (!folder) return sync(destination);
  const entries = await readdir(destination, { recursive: true, withFileTypes: true }).catch(ifAbsent(() => []));
  for (const entry of entries) if (entry.isFile()) await sync(join(entry.parentPath, entry.name));
}

/** What is not there, or not readable, any more is told of when it is to be offered. */
async function sync(path: string): Promise<void> {
  const file = await open(path, 'r').catch(ifAbsent(() => undefined));
  if (file === undefined) return;
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

const ifAbsent =
  <Other>(other: () => Other) =>
  (error: NodeJS.ErrnoException): Other => {
    if (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOTDIR') return other();
    throw error;
  };
