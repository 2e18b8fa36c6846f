import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PeerageError } from '@peerage/contract';
import { BACKUP_APPLICATION_ID } from '../store/sqlite-format.ts';

export const BACKUP_FORMAT = 1;

/** Besides the database: keys, so that clients know the restored tracker, and what cluster it is of. */
const KEPT_FILES = ['tls-key.pem', 'tls-certificate.pem', 'issuer-key.pem', 'cluster.json'];

export interface BackupReport {
  readonly sizeBytes: number;
  readonly metainfoFiles: number;
}

/**
 * Writes what a data folder holds into one file of mode 0600, also while its tracker serves: an SQLite database of the rows as they were at one moment, with metainfo and keys in the
 * table `files`. It holds secrets: who has it can be this tracker. Throws `destination_exists`, `path_not_found`, `no_space`.
 */
export function makeBackup(dataDir: string, path: string, nowMs: number): BackupReport {
  const database = join(dataDir, 'tracker.db');
  if (!existsSync(database)) {
    throw new PeerageError('path_not_found', `there is no tracker's data in ${dataDir}: name its folder with --data`);
  }
  if (existsSync(path)) throw new PeerageError('destination_exists', `${path} exists: name a new file`);
  const partial = `${path}.part`;
  rmSync(partial, { force: true });
  process.umask(0o077);
  try {
    copyRows(database, partial);
    const metainfoFiles = addFiles(dataDir, partial, nowMs);
    syncAndName(partial, path);
    return { sizeBytes: statSync(path).size, metainfoFiles };
  } catch (error) {
    rmSync(partial, { force: true });
    throw asRefusal(error, path);
  }
}

function copyRows(from: string, to: string): void {
  const source = new DatabaseSync(from, { timeout: 30_000 });
  try {
    source.prepare('VACUUM INTO ?').run(to);
  } finally {
    source.close();
  }
}

/** Metainfo after the rows: what a row names was on disk before it; what was removed since is missing from both sides. */
function addFiles(dataDir: string, path: string, nowMs: number): number {
  const backup = new DatabaseSync(path);
  try {
    backup.exec(`PRAGMA application_id = ${BACKUP_APPLICATION_ID}; BEGIN;
      CREATE TABLE backup (format INTEGER NOT NULL, made_at_ms INTEGER NOT NULL) STRICT;
      CREATE TABLE files (path TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
      DELETE FROM rows WHERE entity IN ('session', 'device_session')`);
    backup.prepare('INSERT INTO backup VALUES (?, ?)').run(BACKUP_FORMAT, nowMs);
    const add = backup.prepare('INSERT INTO files VALUES (?, ?)');
    let metainfoFiles = 0;
    for (const name of KEPT_FILES) {
      const bytes = readIfThere(join(dataDir, name));
      if (bytes) add.run(name, bytes);
    }
    for (const file of metainfoIn(join(dataDir, 'blobs'))) {
      const bytes = readIfThere(file);
      if (!bytes) continue;
      add.run(relative(dataDir, file), bytes);
      metainfoFiles++;
    }
    backup.exec('COMMIT');
    return metainfoFiles;
  } finally {
    backup.close();
  }
}

function* metainfoIn(folder: string): Generator<string> {
  if (!existsSync(folder)) return;
  for (const group of readdirSync(folder, { withFileTypes: true })) {
    if (!group.isDirectory()) continue; // a temporary file of an upload
    for (const name of readdirSync(join(folder, group.name))) yield join(folder, group.name, name);
  }
}

/** The tracker may remove metainfo meanwhile. */
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The final name stands for a file that survives a power cut. */
function syncAndName(partial: string, path: string): void {
  sync(partial);
  renameSync(partial, path);
  sync(dirname(path));
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;

function asRefusal(error: unknown, path: string): unknown {
  const { errcode, code } = error as { errcode?: number; code?: string };
  if (errcode === SQLITE_FULL || code === 'ENOSPC') {
    return new PeerageError('no_space', `the disk of ${path} is full: no backup was made`);
  }
  if (errcode === SQLITE_CANTOPEN || code === 'EACCES' || code === 'ENOENT') {
    return new PeerageError('path_not_writable', `${path} can not be written: name a file in a folder that exists`);
  }
  return error;
}
