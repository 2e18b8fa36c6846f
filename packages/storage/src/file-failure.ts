import { StoreError, type StoreFailure } from './piece-store.ts';

/** What an operating system's error code means to the person whose file it is: the failure, and the rest of "<path> …". */
const meanings: Readonly<Record<string, readonly [StoreFailure, string]>> = {
  ENOSPC: ['no_space', 'can not be written because the disk is full: make space'],
  EDQUOT: ['no_space', 'can not be written because your disk quota is used up: make space'],
  EROFS: ['read_only', 'can not be written because its disk is mounted read-only: choose another destination'],
  EACCES: ['permission', 'may not be opened by you: change its permissions or those of its folder'],
  EPERM: ['permission', 'may not be changed by you: change its permissions or those of its folder'],
  ENOENT: ['missing', 'is not there: check the path'],
  ENOTDIR: ['missing', 'is not there, a part of its path is no folder: check the path'],
  ENXIO: ['not_a_file', 'is not a file: choose a file'],
  EISDIR: ['not_a_file', 'is a folder, not a file: choose a file'],
  ELOOP: ['not_a_file', 'is a symbolic link that can not be followed: name the file itself'],
  EEXIST: ['destination_exists', 'exists already and is never overwritten: choose another destination'],
  EINVAL: ['unsafe_name', 'has a name that its disk can not hold: choose another one'],
  EILSEQ: ['unsafe_name', 'has a name that its disk can not hold: choose another one'],
  ENAMETOOLONG: ['unsafe_name', 'has a name too long for its disk: choose a shorter one'],
  EFBIG: ['io', 'is larger than a file on its disk may be: choose another destination'],
};

const errorCode = (cause: unknown): string | undefined =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;

export const isMissing = (cause: unknown): boolean => errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR';

export const isTaken = (cause: unknown): boolean => errorCode(cause) === 'EEXIST';

/** The file system has no hard links (FAT, exFAT, some network and virtual machine shares). */
export const hasNoLinks = (cause: unknown): boolean =>
  ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errorCode(cause) ?? '');

/** A failed file operation as a StoreError with a sentence; whatever is no operating system error is a defect and stays what it is. */
export function fileFailure(cause: unknown, path: string): unknown {
  if (cause instanceof StoreError) return cause;
  const code = errorCode(cause);
  if (code === undefined || !(cause instanceof Error) || !/^E[A-Z0-9]+$/.test(code)) return cause;
  const [failure, rest] = meanings[code] ?? ['io', `can not be read or written (${code}): check its disk`];
  return new StoreError(failure, `${path} ${rest}`, { cause });
}
