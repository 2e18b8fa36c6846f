import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { defaultLimits } from '../domain/limits.ts';
import { LogSync } from './log-sync.ts';
import { SqliteStore } from './sqlite-store.ts';
import { startWriterThread } from './writer-thread.ts';

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
  log.committed(1);
  log.whenOnDisk(() => told.push('first'));
  log.committed(3); // the sync under way may have begun too early for them
  log.committed(2); // known already
  const last = new Promise<void>((resolve) => {
    log.whenOnDisk(() => told.push('second'));
    log.whenOnDisk(resolve);
  });
  expect(told).toEqual(['nothing to wait for']);
  await last;
  expect(told).toEqual(['nothing to wait for', 'first', 'second']);
  log.whenOnDisk(() => told.push('on disk'));
  expect(told.at(-1)).toBe('on disk');
  log.close();
});

test('whoever lets go of it is told nothing more, also while a sync is under way', async () => {
  const told: number[] = [];
  const log = new LogSync(path, neverLost);
  log.committed(1);
  log.whenOnDisk(() => told.push(1));
  log.close();
  log.whenOnDisk(() => told.push(2));
  log.committed(2);
  const after = new LogSync(path, neverLost);
  after.committed(1);
  await new Promise<void>((resolve) => after.whenOnDisk(resolve));
  after.close();
  expect(told).toEqual([]);
});

test('what the disk does not take is told to the one who has to end, and to nobody who waits, then or later', async () => {
  const told: string[] = [];
  let log: LogSync | undefined;
  const lost = await new Promise<Error>((resolve) => {
    log = new LogSync('/dev/null', resolve); // can be written, but not synced
    log.committed(1);
    log.whenOnDisk(() => told.push('on disk'));
  });
  expect(lost.message).toContain('fdatasync');
  log!.committed(2);
  log!.whenOnDisk(() => told.push('later'));
  expect(told).toEqual([]);
});

test('a store that does not wait for its disk counts what rests on the log from the beginning on, and keeps it', async () => {
  const database = join(folder, 'tracker.db');
  const store = new SqliteStore(database, { waitsForDisk: false });
  const opened = store.commits;
  expect(opened).toBeGreaterThan(0); // what it found may not be on disk either
  await store.commit([{ entity: 'intent', key: 'a', value: { since: 1 } }], []);
  expect(store.commits).toBeGreaterThan(opened);
  const log = new LogSync(`${database}-wal`, neverLost);
  log.committed(store.commits);
  await new Promise<void>((resolve) => log.whenOnDisk(resolve));
  log.close();
  await store.commit([{ entity: 'intent', key: 'b', value: { since: 2 } }], []);
  await store.close();
  const again = new SqliteStore(database);
  expect((await again.scan('intent', '')).map(({ key }) => key)).toEqual(['a', 'b']);
  await again.close();
});

test("a writer's thread is heard in order, to its last word, and closes", async () => {
  const start = { databasePath: join(folder, 'thread.db'), budgetBytes: null, limits: defaultLimits, guards: null };
  const writer = await startWriterThread(start, neverLost);
  const about = { name: 'a', sizeBytes: 1, pieces: 1, sha1: '', blobBytes: 1 };
  const hashes = Array.from({ length: 100 }, (_, index) => `${index}`);
  const heard: string[] = [];
  writer.watch((puts) => heard.push(...puts.map(({ key }) => key)));
  const done = hashes.map((infoHash) => writer.run('rememberBlob', { gid: 'g', infoHash, about }));
  await writer.close();
  await Promise.all(done);
  expect(heard).toEqual(hashes.map((infoHash) => `g/${infoHash}`));
});
