import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { destination, type Logger, pino } from 'pino';

const ROTATE_BYTES = 10 * 1024 * 1024;

export type ClientLog = Logger;

/** `<home>/log/client.log`, one earlier file kept. What is logged is chosen field by field: never a password, key or token. */
export function openLog(home: string): ClientLog {
  const folder = join(home, 'log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'client.log');
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > ROTATE_BYTES) renameSync(file, `${file}.1`);
  const log = destination({ dest: file, sync: true, mode: 0o600 });
  log.on('error', () => undefined); // a full disk: there is no other place to note it, and the client goes on
  return pino({ base: null }, log);
}
