import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { put } from '../domain/rule.ts';
import { SqliteStore } from './sqlite-store.ts';

it('data of format 2 is taken over, once: its commands answer their retries, its log goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-format-2-'));
  const path = join(folder, 'tracker.db');
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('format_version', 2);
    CREATE TABLE rows (entity TEXT NOT NULL, key TEXT NOT NULL, value TEXT, hlc INTEGER NOT NULL, origin TEXT NOT NULL,
      seq INTEGER NOT NULL, PRIMARY KEY (entity, key)) STRICT, WITHOUT ROWID;
    CREATE INDEX ended_rows ON rows (entity, key) WHERE value IS NULL;
    CREATE INDEX aging_rows ON rows (hlc) WHERE entity IN ('command', 'revocation');
    CREATE TABLE ops (origin TEXT NOT NULL, seq INTEGER NOT NULL, last_seq_of_commit INTEGER NOT NULL, hlc INTEGER NOT NULL,
      entity TEXT NOT NULL, key TEXT NOT NULL, value TEXT, PRIMARY KEY (origin, seq)) STRICT, WITHOUT ROWID;
    CREATE TABLE origins (origin TEXT PRIMARY KEY, held INTEGER NOT NULL, floor INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE identity (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE nodes (node TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO identity VALUES ('node', '0123456789abcdef');
    INSERT INTO origins VALUES ('00000000000000ab', 4, 1)`);
  const command = { route: 'share', bodyHash: '00', result: {}, at: 100 };
  const rows = [
    ['intent', 'g/c/u/d', { since: 1 }],
    ['command', 'u/2', command],
    ['command', 'u/1', command],
    ['revocation', 'device/x', { at: 1 }],
  ] as const;
  for (const [index, [entity, key, value]] of rows.entries()) {
    const [text, seq] = [JSON.stringify(value), index + 1];
    db.prepare('INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)').run(
      entity,
      key,
      text,
      100 + index,
      'ab'.padStart(16, '0'),
      seq,
    );
    if (seq > 1) {
      db.prepare('INSERT INTO ops VALUES (?, ?, ?, ?, ?, ?, ?)').run(
        'ab'.padStart(16, '0'),
        seq,
        4,
        100 + index,
        entity,
        key,
        text,
      );
    }
  }
  db.close();

  for (const commands of [2, 3]) {
    const store = new SqliteStore(path);
    expect(store.node).toBe('0123456789abcdef');
    expect(store.vector()).toMatchObject({ '00000000000000ab': 4 });
    expect(store.opsAfter({ '00000000000000ab': 1 }, 100_000)!.ops.length).toBeGreaterThanOrEqual(3);
    expect(store.get('command', 'u/1')).toMatchObject({ value: command, stamp: { hlc: 102, seq: 3 } });
    expect(store.count('command', 'u/')).toBe(commands);
    expect(
      store
        .rowsAfter(null, 100_000)
        .rows.map(({ entity }) => entity)
        .slice(-2),
    ).toEqual(['intent', 'revocation']);
    await store.commit([put('command', 'u/3', command)], []);
    await store.close();
  }
  const after = new DatabaseSync(path);
  expect(after.prepare("SELECT count(*) AS n FROM rows WHERE entity = 'command'").get()).toEqual({ n: 0 });
  expect(after.prepare("SELECT name FROM sqlite_master WHERE name = 'aging_rows'").get()).toBeUndefined();
  after.close();
  rmSync(folder, { recursive: true });
});
