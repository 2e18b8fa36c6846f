import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { put } from '../domain/rule.ts';
import { SqliteStore } from './sqlite-store.ts';
import { textOf } from './tables.ts';

const ORIGIN = 'ab'.padStart(16, '0');
const OTHER = 'cd'.padStart(16, '0');

it('data of format 3 is taken over, once: its commands answer their retries, and go in their order, its log goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-format-3-'));
  const path = join(folder, 'tracker.db');
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('format_version', 3);
    CREATE TABLE commands (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value TEXT NOT NULL, hlc INTEGER NOT NULL, origin TEXT NOT NULL,
      seq INTEGER NOT NULL) STRICT;
    CREATE INDEX aging_commands ON commands (hlc);
    CREATE TABLE ops (origin TEXT NOT NULL, seq INTEGER NOT NULL, last_seq_of_commit INTEGER NOT NULL, hlc INTEGER NOT NULL,
      entity TEXT NOT NULL, key TEXT NOT NULL, value TEXT, PRIMARY KEY (origin, seq)) STRICT, WITHOUT ROWID;
    CREATE TABLE origins (origin TEXT PRIMARY KEY, held INTEGER NOT NULL, floor INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO origins VALUES ('${ORIGIN}', 5, 2), ('${OTHER}', 1, 0)`);
  const command = { route: 'share', bodyHash: '00', result: {}, at: 100 };
  const ops = [
    [OTHER, 1, 1, 90, 'intent', 'a', '{"since":"ä"}'],
    [ORIGIN, 3, 4, 102, 'command', 'u/1', JSON.stringify(command)],
    [ORIGIN, 4, 4, 102, 'intent', 'b', null],
    [ORIGIN, 5, 5, 200, 'intent', 'c', '{"since":2}'],
  ] as const;
  for (const op of ops) db.prepare('INSERT INTO ops VALUES (?, ?, ?, ?, ?, ?, ?)').run(...op);
  const add = db.prepare('INSERT INTO commands (key, value, hlc, origin, seq) VALUES (?, ?, ?, ?, ?)');
  for (const [index, key] of ['u/2', 'u/3', 'u/1'].entries()) {
    add.run(key, JSON.stringify(command), 100 + index, ORIGIN, index + 1);
  }
  db.exec("DELETE FROM commands WHERE key = 'u/3'");
  db.close();

  for (const keys of [
    ['u/1', 'u/2'],
    ['u/0', 'u/1', 'u/2'],
  ]) {
    const store = new SqliteStore(path);
    expect(store.get('command', 'u/1')).toMatchObject({ value: command, stamp: { hlc: 102, seq: 3 } });
    expect(store.scan('command', 'u/').map(({ key }) => key)).toEqual(keys);
    expect(store.count('command', '')).toBe(keys.length);
    expect(store.rowsAfter(null, 100_000).rows.map(({ key }) => key)).toEqual(keys);
    expect(store.now()).toBeGreaterThan(200);
    expect(
      store
        .opsAfter({ [ORIGIN]: 3, [store.origin]: 1 }, 100_000)!
        .ops.filter(({ origin }) => origin === ORIGIN || origin === OTHER)
        .map((op) => [op.origin, op.seq, op.last, op.hlc, op.entity, op.key, textOf(op)]),
    ).toEqual(expect.arrayContaining([ops[0], ops[2], ops[3]]));
    expect(store.opsAfter({ [ORIGIN]: 1 }, 100_000)).toBeUndefined();
    await store.commit([put('command', 'u/0', command)], []);
    await store.close();
  }
  const after = new DatabaseSync(path);
  expect(after.prepare('SELECT key FROM command_keys ORDER BY key').all()).toEqual([{ key: 'u/1' }, { key: 'u/2' }]);
  after.close();
  rmSync(folder, { recursive: true });
});
