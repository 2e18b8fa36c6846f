import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** What is asked of the tables of one database (sqlite-format.ts), prepared once; of commands: command-rows.ts. */
export type Statements = Record<keyof typeof STATEMENTS, StatementSync>;

const STATEMENTS = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  held: 'SELECT key, value, hlc, origin, seq FROM rows WHERE entity = ? AND key = ?',
  scan: 'SELECT key, value, hlc, origin, seq FROM rows WHERE entity = ? AND key >= ? AND key < ? AND value IS NOT NULL ORDER BY key',
  count: 'SELECT count(*) AS n FROM rows WHERE entity = ? AND key >= ? AND key < ? AND value IS NOT NULL',
  write: 'INSERT OR REPLACE INTO rows (entity, key, value, hlc, origin, seq) VALUES (?, ?, ?, ?, ?, ?)',
  insert: 'INSERT OR IGNORE INTO rows (entity, key, value, hlc, origin, seq) VALUES (?, ?, ?, ?, ?, ?)',
  drop: 'DELETE FROM rows WHERE entity = ? AND key = ?',
  rowsAfter:
    "SELECT entity, key, value, hlc, origin, seq FROM rows WHERE (entity, key) > (?, ?) AND entity < ? AND origin <> '' ORDER BY entity, key",
  ended: 'SELECT entity, key, value, hlc, origin, seq FROM rows WHERE value IS NULL',
  aged: `SELECT 'command' AS entity, key, value, hlc, origin, seq FROM commands WHERE hlc < ?1
    UNION ALL SELECT entity, key, value, hlc, origin, seq FROM rows INDEXED BY aging_revocations WHERE entity = 'revocation' AND hlc < ?1`,
  setOrigin: 'INSERT OR REPLACE INTO origins (origin, held, floor) VALUES (?, ?, ?)',
  dropOrigin: 'DELETE FROM origins WHERE origin = ?',
  latest:
    'SELECT max((SELECT coalesce(max(hlc), 0) FROM rows), (SELECT coalesce(max(hlc), 0) FROM commands), (SELECT coalesce(max(latest_hlc), 0) FROM op_pieces)) AS hlc',
  probe: "INSERT OR REPLACE INTO meta VALUES ('last_probe', ?)",
} as const;

export const prepare = (db: DatabaseSync): Statements => prepared(db, STATEMENTS);

export const prepared = <K extends string>(
  db: DatabaseSync,
  texts: Readonly<Record<K, string>>,
): Record<K, StatementSync> =>
  Object.fromEntries(Object.entries<string>(texts).map(([name, sql]) => [name, db.prepare(sql)])) as Record<
    K,
    StatementSync
  >;
