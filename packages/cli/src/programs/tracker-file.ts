import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOME_TRACKERS, PeerageError, parseTrackerList, type TrackerLine } from '@peerage/contract';

export async function readTrackerFile(path: string): Promise<TrackerLine[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? new PeerageError('path_not_found', `there is no tracker file '${path}': make it, with one host:port a line`)
      : new PeerageError(
          'path_not_readable',
          `the tracker file '${path}' can not be read: ${(error as Error).message}`,
        );
  }
  return parseTrackerList(text, path);
}

/** The trackers that the client on that home was last started with; null where no client was ever there. */
export async function homeTrackers(home: string): Promise<TrackerLine[] | null> {
  const files = await readdir(home).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[];
    throw error;
  });
  if (!files.includes('library.db') && !files.includes(HOME_TRACKERS)) return null;
  return readTrackerFile(join(home, HOME_TRACKERS));
}
