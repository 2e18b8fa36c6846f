import { readFile } from 'node:fs/promises';
import { PeerageError, parseTrackerList, type TrackerLine } from '@peerage/contract';

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
