import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Entity } from '../domain/entities.ts';

/** What is asked of the tables of one database (sqlite-format.ts), prepared once. */
export type Statements = Record<keyof typeof STATEMENTS, StatementSync> & {
  /** Those that an entity's rows are read and written by. */
  readonly of: (entity: Entity) => Record<keyof typeof ROWS, StatementSync>;
};

const ROWS = {
  held: 'SELECT key, value, hlc, origin, seq FROM rows WHERE entity = ? AND key = ?',
  scan: 'SELECT key, value, hlc, origin, seq FROM rows WHERE entity = ? AND key >= ? AND key < ? AND value IS NOT NULL ORDER BY key',
  count: 'SELECT count(*) AS n FROM rows WHERE entity = ? AND key >= ? AND key < ? AND value IS NOT NULL',
  write: 'INSERT OR REPLACE INTO rows (entity, key, value, hlc, origin, seq) VALUES (?, ?, ?, ?, ?, ?)',
  insert: 'INSERT OR IGNORE INTO rows (entity, key, value, hlc, origin, seq) VALUES (?, ?, ?, ?, ?, ?)',
  drop: 'DELETE FROM rows WHERE entity = ? AND key = ?',
} as const;

/** They are given the entity too, and know it. */
const COMMANDS = {
  held: 'SELECT key, value, hlc, origin, seq FROM commands WHERE key = ?2',
  scan: 'SELECT key, value, hlc, origin, seq FROM commands WHERE key >= ?2 AND key < ?3 ORDER BY key',
  count: 'SELECT count(*) AS n FROM commands WHERE key >= ?2 AND key < ?3',
  write:
    'INSERT INTO commands (key, value, hlc, origin, seq) VALUES (?2, ?3, ?4, ?5, ?6) ON CONFLICT (key) DO UPDATE SET value = excluded.value, hlc = excluded.hlc, origin = excluded.origin, seq = excluded.seq',
  insert: 'INSERT OR IGNORE INTO commands (key, value, hlc, origin, seq) VALUES (?2, ?3, ?4, ?5, ?6)',
  drop: 'DELETE FROM commands WHERE key = ?2',
} as const satisfies Record<keyof typeof ROWS, string>;

const STATEMENTS = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rowsAfter:
    "SELECT entity, key, value, hlc, origin, seq FROM rows WHERE (entity, key) > (?, ?) AND entity < ? AND origin <> '' ORDER BY entity, key",
  commandsAfter: "SELECT 'command' AS entity, key, value, hlc, origin, seq FROM commands WHERE key > ? ORDER BY key",
  ended: 'SELECT entity, key, value, hlc, origin, seq FROM rows WHERE value IS NULL',
  aged: `SELECT 'command' AS entity, key, value, hlc, origin, seq FROM commands WHERE hlc < ?1
    UNION ALL SELECT entity, key, value, hlc, origin, seq FROM rows INDEXED BY aging_revocations WHERE entity = 'revocation' AND hlc < ?1`,
  setOrigin: 'INSERT OR REPLACE INTO origins (origin, held, floor) VALUES (?, ?, ?)',
  dropOrigin: 'DELETE FROM origins WHERE origin = ?',
  addOp: 'INSERT INTO ops (origin, seq, last_seq_of_commit, hlc, entity, key, value) VALUES (?, ?, ?, ?, ?, ?, ?)',
  opsAfter:
    'SELECT origin, seq, last_seq_of_commit AS last, hlc, entity, key, value FROM ops WHERE origin = ? AND seq > ? ORDER BY seq',
  dropOps: 'DELETE FROM ops WHERE origin = ? AND seq <= ?',
  oldest:
    'SELECT origin, max(CASE WHEN seq = last_seq_of_commit THEN seq END) AS upTo FROM (SELECT * FROM ops ORDER BY hlc LIMIT ?) GROUP BY origin',
  latest:
    'SELECT max((SELECT coalesce(max(hlc), 0) FROM rows), (SELECT coalesce(max(hlc), 0) FROM commands), (SELECT coalesce(max(hlc), 0) FROM ops)) AS hlc',
  probe: "INSERT OR REPLACE INTO meta VALUES ('last_probe', ?)",
} as const;

export function prepare(db: DatabaseSync): Statements {
  const rows = prepared(db, ROWS);
  const commands = prepared(db, COMMANDS);
  return { ...prepared(db, STATEMENTS), of: (entity) => (entity === 'command' ? commands : rows) };
}

const prepared = <K extends string>(db: DatabaseSync, texts: Readonly<Record<K, string>>): Record<K, StatementSync> =>
  Object.fromEntries(Object.entries<string>(texts).map(([name, sql]) => [name, db.prepare(sql)])) as Record<
    K,
    StatementSync
  >;
