import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { keys } from '../domain/entities.ts';
import { put } from '../domain/rule.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { TrackerSet, until } from '../testing/pair.ts';

const ROWS = 100_000;
const IN_A_COMMIT = 500;
const USER = 'a'.repeat(32);
const id = (number: number): string => number.toString(16).padStart(32, '0');

const set = await TrackerSet.of(2);
afterAll(() => set.close());

it('a tracker that holds nothing takes 100,000 rows in less than 10 s', async () => {
  mkdirSync(set.dataDir(1), { recursive: true, mode: 0o700 });
  const store = new SqliteStore(join(set.dataDir(1), 'tracker.db'));
  for (let first = 0; first < ROWS; first += IN_A_COMMIT) {
    const puts = Array.from({ length: IN_A_COMMIT }, (_, index) =>
      put('command', keys.command(USER, id(first + index)), {
        route: 'share',
        bodyHash: '',
        result: {},
        at: store.now(),
      }),
    );
    await store.commit(puts, []);
  }
  await store.close();
  await set.start(1);
  // Processor time of both trackers, which run here: it is no more than the time it takes on a machine that is free.
  const before = process.cpuUsage();
  const second = await set.start(2);
  await until(() => second.replication!().caughtUpOnce, 60_000);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(10);
  await set.inStep();
  expect((await second.operator.figures()).canWrite).toBe(true);
}, 120_000);
