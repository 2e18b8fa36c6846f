import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { PeerageError } from '@peerage/contract';

/**
 * One process a folder. The lock is an exclusive SQLite transaction on `lock.db`, which the operating system ends with the process:
 * free at once after a kill -9, and no pid file can lie.
 */
export interface FolderLock {
  release(): void;
}

/** Every lock held now: a database that nothing refers to would be collected, and its folder be free without a release. */
const held = new Set<DatabaseSync>();

/** Undefined where another process holds the folder. Makes the folder (0700) if it is missing. */
export function lockFolder(folder: string): FolderLock | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const file = join(folder, 'lock.db');
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    chmodSync(file, 0o600); // SQLite makes it 0644
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) return undefined;
    throw error;
  }
  held.add(database);
  return {
    release: () => {
      held.delete(database);
      database.close();
    },
  };
}

const LOOK_AGAIN_MS = 50;
const LONGEST_END_MS = 60_000;

/** Resolves when no process holds the folder any more; a system tells nobody about that, so it is looked at again and again. */
export async function whenFree(folder: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < LONGEST_END_MS; waitedMs += LOOK_AGAIN_MS) {
    const lock = lockFolder(folder);
    if (lock) return lock.release();
    await sleep(LOOK_AGAIN_MS);
  }
  throw new PeerageError('timeout', `the client on '${folder}' is still ending: look again later`);
}
