import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PeerageError } from '@peerage/contract';
import { holdDataFolder } from '../store/data-folder.ts';
import { BACKUP_APPLICATION_ID } from '../store/sqlite-format.ts';
import { BACKUP_FORMAT } from './make-backup.ts';
import { type BackupMark, writeMark } from './mark.ts';

/** The only paths that a backup may put something at. */
const PATHS = /^(?:tls-key\.pem|tls-certificate\.pem|issuer-key\.pem|cluster\.json|blobs\/[0-9a-f]{32}\/[0-9a-f]{40})$/;

/**
 * Makes a data folder of a backup, marked as such: a tracker that is started on it does not serve until it has read from another one. The database gets its name last, so that a
 * folder of half a backup is none. Throws `destination_exists` where the folder holds a tracker's data.
 */
export function restoreBackup(path: string, dataDir: string): BackupMark {
  if (!existsSync(path)) throw new PeerageError('path_not_found', `there is no backup ${path}`);
  process.umask(0o077);
  const release = holdDataFolder(dataDir);
  try {
    const database = join(dataDir, 'tracker.db');
    if (existsSync(database)) {
      throw new PeerageError(
        'destination_exists',
        `${dataDir} holds the data of a tracker: move it away, or name another folder with --data`,
      );
    }
    const partial = `${database}.part`;
    copyFileSync(path, partial);
    chmodSync(partial, 0o600); // a copy is as readable as the backup was, wherever that lay
    const mark = unpack(partial, path, dataDir);
    writeMark(dataDir, mark);
    renameSync(partial, database);
    return mark;
  } finally {
    release();
  }
}

function unpack(partial: string, path: string, dataDir: string): BackupMark {
  const notOne = new PeerageError('path_not_readable', `${path} is no backup of a tracker, or it is damaged`);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(partial);
    if (db.prepare('PRAGMA application_id').get()?.['application_id'] !== BACKUP_APPLICATION_ID) throw notOne;
    if (db.prepare('PRAGMA integrity_check').get()?.['integrity_check'] !== 'ok') throw notOne;
    const about = db.prepare('SELECT format, made_at_ms FROM backup').get();
    const [format, madeAtMs] = [Number(about?.['format']), Number(about?.['made_at_ms'])];
    if (format > BACKUP_FORMAT) {
      throw new PeerageError('newer_format', `${path} has format ${format}, this peerage knows up to ${BACKUP_FORMAT}`);
    }
    for (const file of db.prepare('SELECT path, bytes FROM files').iterate()) {
      const name = String(file['path']);
      if (!PATHS.test(name)) throw notOne;
      const target = join(dataDir, name);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, file['bytes'] as Uint8Array, { flush: true });
    }
    db.exec('DROP TABLE files; DROP TABLE backup; PRAGMA application_id = 0; VACUUM');
    return { format: 1, madeAtMs };
  } catch (error) {
    rmSync(partial, { force: true });
    throw error instanceof PeerageError || !(error as { errcode?: number }).errcode ? error : notOne;
  } finally {
    db?.close();
  }
}
