import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { end, put } from '../domain/rule.ts';
import { replicatedCompliance } from './replicated-compliance.ts';
import { SqliteStore } from './sqlite-store.ts';
import { storeCompliance } from './store-compliance.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-sqlite-'));
let files = 0;
const newPath = () => join(folder, `${files++}.db`);

afterAll(() => rmSync(folder, { recursive: true }));

describe('the SQLite store', () => {
  storeCompliance((wallMs) => new SqliteStore(newPath(), { wallMs }));
  replicatedCompliance((wallMs) => new SqliteStore(newPath(), { wallMs }));
});

describe('the SQLite file', () => {
  it('keeps rows over a restart, under a new origin, with a later clock', async () => {
    const path = newPath();
    const first = new SqliteStore(path, { wallMs: () => 2_000_000_000_000 });
    await first.commit([put('intent', 'a', { since: 1 }), put('device_session', 's', { tokenHash: 't' })], []);
    const before = (await first.get('intent', 'a'))!.stamp;
    await first.close();
    const second = new SqliteStore(path, { wallMs: () => 1_000_000_000_000 });
    expect((await second.get('intent', 'a'))!.value).toEqual({ since: 1 });
    expect((await second.get('device_session', 's'))!.value).toEqual({ tokenHash: 't' });
    expect(second.now()).toBeGreaterThan(before.hlc);
    await second.commit([put('intent', 'a', { since: 2 })], [{ entity: 'intent', key: 'a', stamp: before }]);
    const after = (await second.get('intent', 'a'))!.stamp;
    expect(after.origin).not.toBe(before.origin);
    expect(after.seq).toBe(1);
    await second.close();
  });

  it('logs replicated rows only, ends included, and knows where a commit ends', async () => {
    const path = newPath();
    const store = new SqliteStore(path);
    await store.commit([put('intent', 'a', { since: 1 }), put('device_session', 's', { tokenHash: 't' })], []);
    await store.commit([end('intent', 'a'), put('intent', 'b', { since: 2 }), end('device_session', 's')], []);
    await store.close();
    const db = new DatabaseSync(path);
    const ops = db.prepare('SELECT seq, last_seq_of_commit AS last, entity, key, value FROM ops ORDER BY seq').all();
    expect(ops.map((op) => Object.values(op))).toEqual([
      [1, 1, 'intent', 'a', '{"since":1}'],
      [2, 3, 'intent', 'a', null],
      [3, 3, 'intent', 'b', '{"since":2}'],
    ]);
    const rows = db.prepare('SELECT entity, key, value FROM rows ORDER BY key').all();
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['intent', 'a', null],
      ['intent', 'b', '{"since":2}'],
    ]);
    db.close();
  });

  it('refuses a file of a later version', () => {
    const path = newPath();
    const db = new DatabaseSync(path);
    db.exec("CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER); INSERT INTO meta VALUES ('format_version', 4)");
    db.close();
    expect(() => new SqliteStore(path)).toThrow(
      expect.objectContaining({ code: 'newer_format', message: expect.stringContaining('has format 4') }),
    );
  });

  it('acknowledges nothing that a failed transaction held, and goes on as another origin', async () => {
    const path = newPath();
    const store = new SqliteStore(path);
    await store.commit([put('intent', 'a', { since: 1 })], []);
    const { origin } = (await store.get('intent', 'a'))!.stamp;
    const blocker = new DatabaseSync(path);
    blocker.exec(
      "CREATE TRIGGER full BEFORE INSERT ON ops WHEN NEW.key = 'bad' BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    const good = store.commit([put('intent', 'good', { since: 2 })], []);
    const bad = store.commit([put('intent', 'bad', { since: 3 })], []);
    await expect(bad).rejects.toThrow('full');
    await expect(good).rejects.toThrow('full');
    expect(await store.get('intent', 'good')).toBeUndefined();
    blocker.exec('DROP TRIGGER full');
    blocker.close();
    expect(await store.health()).toBe(true);
    await store.commit([put('intent', 'b', { since: 4 })], []);
    const after = (await store.get('intent', 'b'))!.stamp;
    expect(after.seq).toBe(1);
    expect(after.origin).not.toBe(origin);
    await store.close();
  });
});
