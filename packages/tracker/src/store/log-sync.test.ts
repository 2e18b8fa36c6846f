import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LogSync } from './log-sync.ts';
import { SqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-log-sync-'));
const path = join(folder, 'log');
writeFileSync(path, 'log');
afterAll(() => rmSync(folder, { recursive: true }));

const neverLost = (error: Error): never => {
  throw error;
};

test('who waits is told in order, and not before a sync that began after what was committed', async () => {
  const log = new LogSync(path, neverLost);
  const told: string[] = [];
  log.whenOnDisk(() => told.push('nothing to wait for'));
  expect(told).toEqual(['nothing to wait for']);
  log.committed();
  log.whenOnDisk(() => told.push('first'));
  log.committed(); // the sync under way may have begun too early for it
  const last = new Promise<void>((resolve) => {
    log.whenOnDisk(() => told.push('second'));
    log.whenOnDisk(resolve);
  });
  expect(told).toEqual(['nothing to wait for']);
  await new Promise<void>((resolve) => log.whenOnDisk(resolve));
  await last;
  expect(told).toEqual(['nothing to wait for', 'first', 'second']);
  log.close();
});

test('closing brings the rest to disk and tells who waits, also while a sync is under way', () => {
  const log = new LogSync(path, neverLost);
  const told: number[] = [];
  log.committed();
  log.committed();
  log.whenOnDisk(() => told.push(1));
  log.close();
  expect(told).toEqual([1]);
});

test('what the disk does not take is told to the one who has to end, and to nobody who waits', async () => {
  const told: string[] = [];
  const lost = await new Promise<Error>((resolve) => {
    const log = new LogSync('/dev/null', resolve); // can be written, but not synced
    log.committed();
    log.whenOnDisk(() => told.push('on disk'));
  });
  expect(lost.message).toContain('fdatasync');
  expect(told).toEqual([]);
});

test('a store whose log is synced beside it says when what it committed is on disk, and keeps it', async () => {
  const database = join(folder, 'tracker.db');
  const store = new SqliteStore(database, { onLogLost: neverLost });
  await new Promise<void>((resolve) => store.whenOnDisk(resolve));
  await store.commit([{ entity: 'intent', key: 'a', value: { since: 1 } }], []);
  let isOnDisk = false;
  store.whenOnDisk(() => {
    isOnDisk = true;
  });
  expect(isOnDisk).toBe(false);
  await new Promise<void>((resolve) => store.whenOnDisk(resolve));
  expect(isOnDisk).toBe(true);
  await store.commit([{ entity: 'intent', key: 'b', value: { since: 2 } }], []);
  await store.close();
  const again = new SqliteStore(database);
  expect((await again.scan('intent', '')).map(({ key }) => key)).toEqual(['a', 'b']);
  await again.close();
});
