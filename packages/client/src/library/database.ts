import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PeerageError } from '@peerage/contract';

/**
 * What a client knows of itself, in `<home>/library.db`: identities, shares, downloads, and the metainfo of both. Every write is durable when the call returns.
 */
const FORMAT = 3;

const schema = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS identities (
    uid TEXT PRIMARY KEY, name TEXT NOT NULL, device_id TEXT NOT NULL, private_key TEXT NOT NULL, logged_in INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS tracker_keys (address TEXT PRIMARY KEY, pin TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS revocations (
    kind TEXT NOT NULL, id TEXT NOT NULL, at_ms INTEGER NOT NULL, issuer TEXT NOT NULL, signature TEXT NOT NULL, owed TEXT NOT NULL,
    PRIMARY KEY (kind, id)) STRICT;
  CREATE TABLE IF NOT EXISTS metainfo (info_hash TEXT PRIMARY KEY, info BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS shares (
    uid TEXT NOT NULL, info_hash TEXT NOT NULL, gid TEXT NOT NULL, group_name TEXT NOT NULL, name TEXT NOT NULL,
    path TEXT NOT NULL, size INTEGER NOT NULL, identity TEXT NOT NULL, acknowledged INTEGER NOT NULL, uploaded INTEGER NOT NULL, files INTEGER,
    PRIMARY KEY (uid, info_hash)) STRICT;
  CREATE TABLE IF NOT EXISTS downloads (
    id TEXT PRIMARY KEY, uid TEXT NOT NULL, info_hash TEXT NOT NULL, gid TEXT NOT NULL, group_name TEXT NOT NULL,
    name TEXT NOT NULL, destination TEXT NOT NULL, size INTEGER NOT NULL, state TEXT NOT NULL,
    reason TEXT, sources TEXT NOT NULL, created_ms INTEGER NOT NULL, folder TEXT, done INTEGER NOT NULL DEFAULT 0) STRICT;
`;

export function openDatabase(home: string): DatabaseSync {
  const file = join(home, 'library.db');
  closeSync(openSync(file, 'a', 0o600)); // SQLite would make it 0644; its other files take after this one
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;');
  database.exec(schema);
  const format = readMeta(database, 'format');
  if (format === undefined || Number(format) < FORMAT) {
    addLaterColumns(database);
    writeMeta(database, 'format', String(FORMAT));
  } else if (Number(format) > FORMAT) {
    database.close();
    throw new PeerageError(
      'newer_format',
      `the folder '${home}' was written by a newer peerage (format ${format}, this one reads up to ${FORMAT}): install that version`,
    );
  }
  forgetForeignIdentities(database);
  return database;
}

/** Format 1 knew no folders, format 2 not how far a download was. A start that was cut off between the columns and the format's number goes on behind them. */
function addLaterColumns(database: DatabaseSync): void {
  for (const [table, column, type] of [
    ['shares', 'files', 'INTEGER'],
    ['downloads', 'folder', 'TEXT'],
    ['downloads', 'done', 'INTEGER NOT NULL DEFAULT 0'],
  ] as const) {
    const has = database.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, column);
    if (!has) database.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
  }
}

/** One wait for the disk for all of it; all of it, or nothing. */
export function together(database: DatabaseSync, write: () => void): void {
  database.exec('BEGIN');
  try {
    write();
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

export function readMeta(database: DatabaseSync, key: string): string | undefined {
  return database.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.['value'] as string | undefined;
}

export function writeMeta(database: DatabaseSync, key: string, value: string): void {
  database
    .prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
    .run(key, value);
}

/** A home copied to another machine must not be the same device twice (security.md, "Device key"): its keys are forgotten there. */
function forgetForeignIdentities(database: DatabaseSync): void {
  const machine = machineMark();
  const known = readMeta(database, 'machine');
  if (known === machine) return;
  if (known !== undefined) database.exec('DELETE FROM identities');
  writeMeta(database, 'machine', machine);
}

function machineMark(): string {
  let id: string;
  try {
    id = readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    id = hostname(); // no machine id on this system: the host's name has to do
  }
  return createHash('sha256').update(`peerage-machine\0${id}`).digest('hex');
}
