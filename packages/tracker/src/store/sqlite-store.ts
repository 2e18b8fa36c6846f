import { randomBytes } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { PeerageError } from '@peerage/contract';
import { type Entity, type Hlc, replicated } from '../domain/entities.ts';
import type { Put, Row, Stamp } from '../domain/rule.ts';
import { HybridClock } from './clock.ts';
import { type CommitOutcome, type DurableStore, type Expectation, sameStamp } from './durable-store.ts';

const FORMAT_VERSION = 1;
/** Marks a backup, so that it is never taken for the database of a tracker: 'PgBk'. */
export const BACKUP_APPLICATION_ID = 0x50_67_42_6b;

const META = 'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID';
/** A row with a null value is a tombstone: ended here, to be told to other trackers. A tracker's own rows leave none. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS rows (
    entity TEXT NOT NULL, key TEXT NOT NULL, value TEXT, hlc INTEGER NOT NULL, origin TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (entity, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ops (
    origin TEXT NOT NULL, seq INTEGER NOT NULL, last_seq_of_commit INTEGER NOT NULL, hlc INTEGER NOT NULL,
    entity TEXT NOT NULL, key TEXT NOT NULL, value TEXT,
    PRIMARY KEY (origin, seq)
  ) STRICT, WITHOUT ROWID;
`;

interface Waiting {
  readonly puts: readonly Put[];
  readonly expect: readonly Expectation[];
  readonly resolve: (outcome: CommitOutcome) => void;
  readonly reject: (error: unknown) => void;
}

interface RawRow {
  readonly key: string;
  readonly value: string | null;
  readonly hlc: number;
  readonly origin: string;
  readonly seq: number;
}

/**
 * Rows and op log in one SQLite file. Always true: `#seq` is the last op of `#origin` that is on disk; commits that wait in one turn of the event loop share one
 * transaction and are answered only after it is on disk; an origin is used by one run only, and no more after a failed transaction, so a
 * sequence number never stands for two ops, whatever a restored backup or a broken disk brings back.
 */
export class SqliteStore implements DurableStore {
  readonly #db: DatabaseSync;
  readonly #clock: HybridClock;
  readonly #listeners = new Set<(puts: readonly Put[]) => void>();
  readonly #statements;
  #origin = newOrigin();
  #seq = 0;
  #waiting: Waiting[] = [];
  #flush: NodeJS.Immediate | undefined;
  #lastWriteFailed = false;

  /** Opens or makes the file. Throws `newer_format` for a file of a later version. */
  constructor(path: string, wallMs: () => number = Date.now) {
    this.#db = openDatabase(path);
    this.#statements = prepare(this.#db);
    const latest = this.#db.prepare('SELECT max((SELECT max(hlc) FROM rows), (SELECT max(hlc) FROM ops)) AS hlc').get();
    this.#clock = new HybridClock(wallMs, Number(latest?.['hlc'] ?? 0));
  }

  commit(puts: readonly Put[], expect: readonly Expectation[]): Promise<CommitOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ puts, expect, resolve, reject });
      this.#flush ??= setImmediate(() => this.#writeWaiting());
    });
  }

  async get<E extends Entity>(entity: E, key: string): Promise<Row<E> | undefined> {
    const raw = this.#statements.get.get(entity, key) as RawRow | undefined;
    return raw?.value == null ? undefined : toRow(entity, raw);
  }

  async scan<E extends Entity>(entity: E, prefix: string): Promise<readonly Row<E>[]> {
    const rows = this.#statements.scan.all(entity, prefix, afterPrefix(prefix)) as unknown as RawRow[];
    return rows.map((raw) => toRow(entity, raw));
  }

  async count(entity: Entity, prefix: string): Promise<number> {
    return Number(this.#statements.count.get(entity, prefix, afterPrefix(prefix))?.['n']);
  }

  watch(listener: (puts: readonly Put[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  now(): Hlc {
    return this.#clock.now();
  }

  async health(): Promise<boolean> {
    if (!this.#lastWriteFailed) return true;
    try {
      this.#statements.setMeta.run('last_probe', this.#clock.now());
      this.#lastWriteFailed = false;
    } catch {
      return false; // still broken: that is the answer
    }
    return true;
  }

  async close(): Promise<void> {
    if (this.#flush) this.#writeWaiting();
    this.#listeners.clear();
    this.#db.close();
  }

  #writeWaiting(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    const seqBefore = this.#seq;
    let outcomes: CommitOutcome[];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      outcomes = batch.map((waiting) => this.#write(waiting));
      this.#db.exec('COMMIT');
      this.#lastWriteFailed = false;
    } catch (error) {
      this.#giveUp(seqBefore);
      const refusal = writeRefusal(error);
      for (const waiting of batch) waiting.reject(refusal);
      return;
    }
    batch.forEach((waiting, index) => {
      if (outcomes[index] === 'ok' && waiting.puts.length > 0) {
        for (const listener of this.#listeners) listener(waiting.puts);
      }
      waiting.resolve(outcomes[index]!);
    });
  }

  /** A failed COMMIT may or may not have reached the disk: what comes next is another origin's. */
  #giveUp(seqBefore: number): void {
    this.#lastWriteFailed = true;
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    if (this.#seq === seqBefore) return;
    this.#origin = newOrigin();
    this.#seq = 0;
  }

  #write({ puts, expect }: Waiting): CommitOutcome {
    const statements = this.#statements;
    for (const { entity, key, stamp } of expect) {
      const raw = statements.get.get(entity, key) as RawRow | undefined;
      if (!sameStamp(raw?.value == null ? null : stampOf(raw), stamp)) return 'stale';
    }
    const hlc = this.#clock.now();
    const lastSeq = this.#seq + puts.filter((put) => replicated[put.entity]).length;
    for (const { entity, key, value } of puts) {
      const text = value === null ? null : JSON.stringify(value);
      if (replicated[entity]) {
        const seq = ++this.#seq;
        statements.addOp.run(this.#origin, seq, lastSeq, hlc, entity, key, text);
        statements.put.run(entity, key, text, hlc, this.#origin, seq);
      } else if (text === null) statements.drop.run(entity, key);
      else statements.put.run(entity, key, text, hlc, '', 0);
    }
    return 'ok';
  }
}

const newOrigin = (): string => randomBytes(8).toString('hex');

function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  if (db.prepare('PRAGMA application_id').get()?.['application_id'] === BACKUP_APPLICATION_ID) {
    db.close();
    throw new PeerageError('path_not_readable', `${path} is a backup: make a data folder of it by tracker restore`);
  }
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF');
  db.exec(META);
  const version = db.prepare("SELECT value FROM meta WHERE key = 'format_version'").get()?.['value'];
  if (version === undefined) db.prepare("INSERT INTO meta VALUES ('format_version', ?)").run(FORMAT_VERSION);
  else if (version !== FORMAT_VERSION) {
    db.close();
    throw new PeerageError(
      'newer_format',
      `${path} has format ${version}, this peerage knows up to ${FORMAT_VERSION}: use the newer peerage that wrote it`,
    );
  }
  db.exec(SCHEMA);
  return db;
}

function prepare(
  db: DatabaseSync,
): Record<'get' | 'scan' | 'count' | 'put' | 'drop' | 'addOp' | 'setMeta', StatementSync> {
  const columns = 'key, value, hlc, origin, seq';
  const inRange = 'entity = ? AND key >= ? AND key < ? AND value IS NOT NULL';
  return {
    get: db.prepare(`SELECT ${columns} FROM rows WHERE entity = ? AND key = ?`),
    scan: db.prepare(`SELECT ${columns} FROM rows WHERE ${inRange} ORDER BY key`),
    count: db.prepare(`SELECT count(*) AS n FROM rows WHERE ${inRange}`),
    put: db.prepare('INSERT OR REPLACE INTO rows (entity, key, value, hlc, origin, seq) VALUES (?, ?, ?, ?, ?, ?)'),
    drop: db.prepare('DELETE FROM rows WHERE entity = ? AND key = ?'),
    addOp: db.prepare('INSERT INTO ops VALUES (?, ?, ?, ?, ?, ?, ?)'),
    setMeta: db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)'),
  };
}

/** The first key after all that begin with `prefix`, whose last character is ASCII (keys, entities.ts). */
const afterPrefix = (prefix: string): string =>
  prefix === '' ? '\u{10ffff}' : prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

const stampOf = ({ hlc, origin, seq }: RawRow): Stamp => ({ hlc, origin, seq });

const toRow = <E extends Entity>(entity: E, raw: RawRow): Row<E> => ({
  entity,
  key: raw.key,
  value: JSON.parse(raw.value!),
  stamp: stampOf(raw),
});

const SQLITE_FULL = 13;

function writeRefusal(error: unknown): unknown {
  const code = (error as { errcode?: number }).errcode;
  if (code === SQLITE_FULL) {
    return new PeerageError(
      'no_space',
      'the disk of the tracker is full: nothing was changed, its operator has to make room',
    );
  }
  return error;
}
