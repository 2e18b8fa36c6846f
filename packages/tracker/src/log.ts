import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { destination, type Logger, pino } from 'pino';

const ROTATE_BYTES = 10 * 1024 * 1024;

/** `<data>/log/tracker.log`, one earlier file kept. What is logged is chosen field by field: never a password, token or request body. */
export function openLog(dataFolder: string): Logger {
  const folder = join(dataFolder, 'log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'tracker.log');
  const sizeBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeBytes > ROTATE_BYTES) renameSync(file, `${file}.1`);
  return pino({ base: null }, destination({ dest: file, sync: true, mode: 0o600 }));
}
