import type { DatabaseSync } from 'node:sqlite';
import type { Stamp } from '../domain/rule.ts';
import type { EntityRows, RawRow } from './entity-rows.ts';
import { prepared } from './sqlite-statements.ts';

export const COMMANDS = `
  CREATE TABLE IF NOT EXISTS commands (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT NOT NULL, hlc INTEGER NOT NULL, origin TEXT NOT NULL, seq INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS aging_commands ON commands (hlc);
  CREATE TABLE IF NOT EXISTS command_keys (key TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** So many keys come into the index together: of the pages of a large one each is then written once for many. */
const MOST_YOUNG = 8_192;

/** Names the number up to which commands have their keys in the index, in `meta`. */
export const INDEXED = 'indexed_commands';

const SQL = {
  indexed: `SELECT value FROM meta WHERE key = '${INDEXED}'`,
  setIndexed: `INSERT OR REPLACE INTO meta VALUES ('${INDEXED}', ?)`,
  young: 'SELECT key, id FROM commands WHERE id > ?',
  newest: 'SELECT coalesce(max(id), 0) AS id FROM commands',
  index: 'INSERT INTO command_keys (key, id) SELECT key, id FROM commands WHERE id > ? ORDER BY key',
  idOf: 'SELECT id FROM command_keys WHERE key = ?',
  get: 'SELECT key, value, hlc, origin, seq FROM commands WHERE id = ?',
  between: `SELECT 'command' AS entity, k.key, value, hlc, origin, seq FROM command_keys AS k CROSS JOIN commands AS c ON c.id = k.id WHERE k.key >= ?1 AND k.key < ?2
    UNION ALL SELECT 'command', key, value, hlc, origin, seq FROM commands WHERE id > ?3 AND key >= ?1 AND key < ?2 ORDER BY 2`,
  count:
    'SELECT (SELECT count(*) FROM command_keys WHERE key >= ?1 AND key < ?2) + (SELECT count(*) FROM commands WHERE id > ?3 AND key >= ?1 AND key < ?2) AS n',
  add: 'INSERT INTO commands (id, key, value, hlc, origin, seq) VALUES (?, ?, ?, ?, ?, ?)',
  change: 'UPDATE commands SET value = ?, hlc = ?, origin = ?, seq = ? WHERE id = ?',
  drop: 'DELETE FROM commands WHERE id = ?',
  dropKey: 'DELETE FROM command_keys WHERE key = ?',
} as const;

/**
 * Rows of `command`: each mutating call writes one under a random key. They lie in the order in which they came, and their keys come into the index many at once: one by one, each would touch a
 * page of the file alone, which was half of what a write wrote. Always true: a row up to `#indexed` has its key in the index, one behind it in `#young`, and no number is given twice.
 */
export class CommandRows implements EntityRows {
  readonly #statements: ReturnType<typeof prepared<keyof typeof SQL>>;
  readonly #mostYoung: number;
  readonly #young = new Map<string, number>();
  #indexed = 0;
  #newest = 0;

  constructor(db: DatabaseSync, mostYoung = MOST_YOUNG) {
    this.#statements = prepared(db, SQL);
    this.#mostYoung = mostYoung;
    this.read();
  }

  /** Finds anew what is young: to be called after a transaction that was taken back. */
  read(): void {
    const { indexed, newest, young } = this.#statements;
    this.#indexed = Number(indexed.get()?.['value'] ?? 0);
    this.#newest = Math.max(this.#indexed, Number(newest.get()?.['id']));
    this.#young.clear();
    for (const { key, id } of young.iterate(this.#indexed)) this.#young.set(String(key), Number(id));
  }

  get(key: string): RawRow | undefined {
    const id = this.#idOf(key);
    return id === undefined ? undefined : (this.#statements.get.get(id) as unknown as RawRow | undefined);
  }

  between(from: string, to: string): Iterable<RawRow> {
    return this.#statements.between.iterate(from, to, this.#indexed) as Iterable<unknown> as Iterable<RawRow>;
  }

  count(from: string, to: string): number {
    return Number(this.#statements.count.get(from, to, this.#indexed)?.['n']);
  }

  write(key: string, text: string | null, stamp: Stamp, isNew: boolean): void {
    const id = isNew ? undefined : this.#idOf(key);
    const { hlc, origin, seq } = stamp;
    if (id === undefined) this.#add(key, text, stamp);
    else this.#statements.change.run(text, hlc, origin, seq, id);
  }

  insert(key: string, text: string | null, stamp: Stamp): boolean {
    if (this.#idOf(key) !== undefined) return false;
    this.#add(key, text, stamp);
    return true;
  }

  drop(key: string): void {
    const id = this.#idOf(key);
    if (id === undefined) return;
    this.#statements.drop.run(id);
    if (!this.#young.delete(key)) this.#statements.dropKey.run(key);
  }

  /** Brings keys into the index where there are many that are not: to be called at the end of a transaction. */
  indexWhereMany(): void {
    if (this.#young.size < this.#mostYoung) return;
    this.#statements.index.run(this.#indexed);
    this.#statements.setIndexed.run(this.#newest);
    this.#indexed = this.#newest;
    this.#young.clear();
  }

  #idOf(key: string): number | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const found = this.#statements.idOf.get(key);
    return found && Number(found['id']);
  }

  #add(key: string, text: string | null, { hlc, origin, seq }: Stamp): void {
    const id = ++this.#newest;
    this.#statements.add.run(id, key, text, hlc, origin, seq);
    this.#young.set(key, id);
  }
}
