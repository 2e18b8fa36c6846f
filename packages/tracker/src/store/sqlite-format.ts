import { DatabaseSync } from 'node:sqlite';
import { PeerageError } from '@peerage/contract';
import { COMMANDS } from './command-rows.ts';
import { convertFromFormat1 } from './from-format-1.ts';
import { convertFromFormat2 } from './from-format-2.ts';
import { convertFromFormat3, indexCommands, pieceOps } from './from-format-3.ts';
import { OP_PIECES } from './op-log.ts';

const FORMAT_VERSION = 4;

/** Marks a backup, so that it is never taken for the database of a tracker: 'PgBk'. */
export const BACKUP_APPLICATION_ID = 0x50_67_42_6b;

const META = 'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID';
/** A row with a null value is a tombstone: ended here, to be told to other trackers. A tracker's own rows, with an empty origin, leave none. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS rows (
    entity TEXT NOT NULL, key TEXT NOT NULL, value TEXT, hlc INTEGER NOT NULL, origin TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (entity, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS ended_rows ON rows (entity, key) WHERE value IS NULL;
  CREATE INDEX IF NOT EXISTS aging_revocations ON rows (hlc) WHERE entity = 'revocation';
  ${COMMANDS}
  ${OP_PIECES}
  CREATE TABLE IF NOT EXISTS origins (
    origin TEXT PRIMARY KEY, held INTEGER NOT NULL, floor INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS identity (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS nodes (node TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** SQLite's pages, each so large. */
const PAGE_BYTES = 4_096;
/** Of the file's pages so many bytes are kept in memory. */
const CACHE_KIB = 32 * 1024;

/** How large the write-ahead log gets before it is worked into the file, where there is room: a page that changes often goes there once for many commits. */
export const MOST_LOG_BYTES = 64 * 1024 * 1024;

/**
 * Opens or makes a tracker's database. `waitsForDisk`: a commit is on disk when it returns; else its order is kept, and whoever wrote has to bring the log to disk (log-sync.ts).
 * Throws `newer_format` for a file of a later version.
 */
export function openDatabase(path: string, waitsForDisk = true, logBytes = MOST_LOG_BYTES): DatabaseSync {
  const db = new DatabaseSync(path);
  if (db.prepare('PRAGMA application_id').get()?.['application_id'] === BACKUP_APPLICATION_ID) {
    db.close();
    throw new PeerageError('path_not_readable', `${path} is a backup: make a data folder of it by tracker restore`);
  }
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${waitsForDisk ? 'FULL' : 'NORMAL'}`);
  db.exec('PRAGMA trusted_schema = OFF');
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${Math.ceil(logBytes / PAGE_BYTES)}`);
  db.exec(META);
  const version = db.prepare("SELECT value FROM meta WHERE key = 'format_version'").get()?.['value'];
  if (version === undefined) db.prepare("INSERT INTO meta VALUES ('format_version', ?)").run(FORMAT_VERSION);
  else if (Number(version) > FORMAT_VERSION) {
    db.close();
    throw new PeerageError(
      'newer_format',
      `${path} has format ${version}, this peerage knows up to ${FORMAT_VERSION}: use the newer peerage that wrote it`,
    );
  }
  db.exec(SCHEMA);
  if (version !== undefined && Number(version) < FORMAT_VERSION) {
    db.exec('BEGIN IMMEDIATE');
    if (version === 1) convertFromFormat1(db);
    if (Number(version) < 3) convertFromFormat2(db);
    else convertFromFormat3(db);
    indexCommands(db);
    pieceOps(db);
    db.prepare("UPDATE meta SET value = ? WHERE key = 'format_version'").run(FORMAT_VERSION);
    db.exec('COMMIT');
  }
  return db;
}
