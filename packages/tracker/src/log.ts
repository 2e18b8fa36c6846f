import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { destination, type Logger, pino } from 'pino';

export interface LogFiles {
  /** A file that is larger gives way to a new one. */
  readonly rotateBytes: number;
  /** `tracker.log.1` is the youngest of these. */
  readonly earlierFiles: number;
}

/** Lines that a full disk keeps waiting; what is more is dropped. */
const MOST_WAITING_BYTES = 1024 * 1024;

const defaultFiles: LogFiles = { rotateBytes: 10 * 1024 * 1024, earlierFiles: 4 };

/** What a line may hold besides its time, level and sentence. A new field is written only when it stands here: none of these can carry a password, a token or a body. */
const ALLOWED = new Set([
  'err',
  'request',
  'route',
  'status',
  'code',
  'ms',
  'address',
  'metrics',
  'version',
  'tracker',
  'cluster',
  'count',
  'lagMs',
]);

const allowedOnly = (fields: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => ALLOWED.has(name)));

/** Of an error what says where the defect is; properties that libraries hang on it (bodies, headers) stay out. */
const errorFields = (error: Error) => {
  const { name, message, stack } = error;
  const { code } = error as NodeJS.ErrnoException;
  return { name, message, stack, ...(code !== undefined && { code }) };
};

/**
 * `<data>/log/tracker.log`: a line of JSON each, rotated by size. Written at once, so that the last lines of a process that dies are there; a full disk loses lines,
 * never the tracker.
 */
export function openLog(dataFolder: string, files: LogFiles = defaultFiles): Logger {
  const folder = join(dataFolder, 'log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'tracker.log');
  let sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const file = destination({ dest: path, sync: true, mode: 0o600, maxLength: MOST_WAITING_BYTES });
  file.on('error', () => undefined); // nowhere is left to tell it; health and metrics say that writing fails
  file.on('write', (bytes: number) => {
    sizeBytes += bytes;
    if (sizeBytes < files.rotateBytes) return;
    sizeBytes = 0;
    shift(path, files.earlierFiles);
    file.reopen();
  });
  return pino({ base: null, formatters: { log: allowedOnly }, serializers: { err: errorFields } }, file);
}

/** `x.3` becomes `x.4`, …, `x` becomes `x.1`; the oldest goes. */
function shift(path: string, earlierFiles: number): void {
  for (let number = earlierFiles; number >= 1; number--) {
    const from = number === 1 ? path : `${path}.${number - 1}`;
    if (statSync(from, { throwIfNoEntry: false })) renameSync(from, `${path}.${number}`);
  }
}
