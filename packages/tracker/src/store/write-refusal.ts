import { PeerageError } from '@peerage/contract';

const SQLITE_FULL = 13;
/** Read-only, an error of the disk, a file that can't be opened. */
const SQLITE_UNWRITABLE = new Set([8, 10, 14]);

/** What a person is told where SQLite could not write; any other error as it is. */
export function writeRefusal(error: unknown): unknown {
  const code = (error as { errcode?: number }).errcode;
  // The lower byte is the kind of the error, what is above it says more of its cause.
  if (code !== undefined && SQLITE_UNWRITABLE.has(code & 0xff)) {
    return new PeerageError(
      'path_not_writable',
      'the tracker can not write its data: nothing is acknowledged until its operator has looked at the disk',
    );
  }
  if (code === SQLITE_FULL) {
    return new PeerageError(
      'no_space',
      'the disk of the tracker is full: nothing was changed, its operator has to make room',
    );
  }
  return error;
}
