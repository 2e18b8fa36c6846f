import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PeerageError } from '@peerage/contract';

/** Where the platform keeps peerage's data. */
export function platformFolder(): string {
  const base =
    process.platform === 'darwin'
      ? join(homedir(), 'Library', 'Application Support')
      : process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  return join(base, 'peerage');
}

/** Where tracker number `number` keeps its data unless told otherwise. */
export const defaultDataFolder = (number: number): string => join(platformFolder(), 'tracker', String(number));

/**
 * Makes the folder (0700) and keeps every other process out of it until the returned function is called. The lock is an exclusive transaction on `lock.db`, which the
 * operating system ends with the process: free at once after a kill -9. Throws `home_in_use`.
 */
export function holdDataFolder(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    throw new PeerageError(
      'path_not_writable',
      `the data folder ${folder} can not be made: ${(error as Error).message}`,
    );
  }
  const lock = new DatabaseSync(join(folder, 'lock.db'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const { errcode } = error as { errcode?: number };
    if (errcode !== SQLITE_BUSY) throw error;
    throw new PeerageError(
      'home_in_use',
      `another tracker uses the folder ${folder}: stop it, or give another one with --data`,
    );
  }
  return () => lock.close();
}

const SQLITE_BUSY = 5;
