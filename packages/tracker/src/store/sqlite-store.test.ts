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
    const again = new SqliteStore(path);
    const ops = again
      .opsAfter({}, 100_000)!
      .ops.map(({ seq, last, entity, key, value }) => [seq, last, entity, key, value]);
    expect(ops).toEqual([
      [1, 1, 'intent', 'a', { since: 1 }],
      [2, 3, 'intent', 'a', null],
      [3, 3, 'intent', 'b', { since: 2 }],
    ]);
    await again.close();
    const db = new DatabaseSync(path);
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
    db.exec("CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER); INSERT INTO meta VALUES ('format_version', 5)");
    db.close();
    expect(() => new SqliteStore(path)).toThrow(
      expect.objectContaining({ code: 'newer_format', message: expect.stringContaining('has format 5') }),
    );
  });

  it('knows how many rows there are without counting them again, whatever becomes of them', async () => {
    const path = newPath();
    const store = new SqliteStore(path);
    const other = new SqliteStore(newPath());
    const command = (key: string) => put('command', key, { route: 'r', bodyHash: '', result: {}, at: 1 });
    const expectEqual = () => {
      for (const entity of ['intent', 'command', 'device_session'] as const) {
        expect([entity, store.count(entity, '')]).toEqual([entity, store.scan(entity, '').length]);
      }
      return ['intent', 'command', 'device_session'].map((entity) => store.count(entity as 'intent', ''));
    };
    expect(expectEqual()).toEqual([0, 0, 0]);
    const intents = ['a', 'b', 'c'].map((key) => put('intent', `g/i/u/${key}`, { since: 1 }));
    await store.commit([...intents, command('u/1'), put('device_session', 's', { tokenHash: 't' })], []);
    expect(expectEqual()).toEqual([3, 1, 1]);
    await store.commit([end('intent', 'g/i/u/a'), put('intent', 'g/i/u/b', { since: 2 }), command('u/2')], []);
    await store.commit([end('device_session', 's'), end('device_session', 'never')], []);
    expect(expectEqual()).toEqual([2, 2, 0]);
    await store.commit([put('intent', 'g/i/u/a', { since: 3 }), put('device_session', 's', { tokenHash: 'u' })], []);
    await other.commit([put('intent', 'g/i/u/d', { since: 1 }), end('intent', 'g/i/u/c'), command('u/3')], []);
    await store.merge([...other.opsAfter({}, 100_000)!.ops]);
    expect(expectEqual()).toEqual([3, 3, 1]);
    await store.truncate(store.vector(), 1_000);
    await store.collect(store.vector(), Number.MAX_SAFE_INTEGER);
    expect(expectEqual()).toEqual([3, 0, 1]);
    const blocker = new DatabaseSync(path);
    blocker.exec(
      "CREATE TRIGGER full BEFORE INSERT ON rows WHEN NEW.key = 'bad' BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    await expect(
      store.commit([put('intent', 'good', { since: 2 }), put('intent', 'bad', { since: 3 })], []),
    ).rejects.toThrow();
    expect(expectEqual()).toEqual([3, 0, 1]);
    blocker.close();
    await other.close();
    await store.close();
  });

  it('acknowledges nothing that a failed transaction held, and goes on as another origin', async () => {
    const path = newPath();
    const store = new SqliteStore(path);
    await store.commit([put('intent', 'a', { since: 1 })], []);
    const { origin } = (await store.get('intent', 'a'))!.stamp;
    const blocker = new DatabaseSync(path);
    blocker.exec(
      "CREATE TRIGGER full BEFORE INSERT ON rows WHEN NEW.key = 'bad' BEGIN SELECT RAISE(ABORT, 'full'); END",
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
