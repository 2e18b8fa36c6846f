import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANSWER_MS } from '../../packages/client/src/tracker-link/http-transport.ts';
import { CONNECT_MS } from '../../packages/client/src/tracker-link/pinned-tls.ts';
import { latenessLimits } from '../../packages/tracker/src/limits.ts';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { Pair } from '../support/pair.ts';
import { writeRandomFile } from '../support/team.ts';

const MIB = 4;

let pair: Pair;
let alice: ClientProcess;
let bob: ClientProcess;
beforeAll(async () => {
  pair = await Pair.start();
  alice = await pair.member('alice');
  bob = await pair.member('bob');
  await alice.do('create_group', 'team');
  await bob.do('join_group', 'team');
  await alice.do('accept_request', 'team', 'bob');
  await bob.do('limit', 'down', '2MB/s');
});
afterAll(() => pair?.stop());

const untilEqual = () =>
  expect
    .poll(async () => (await alice.do('trackers')).trackers.map(({ reachable, lag_ms }) => [reachable, lag_ms]), {
      timeout: 30_000,
    })
    .toEqual([
      [true, 0],
      [true, 0],
    ]);

/**
 * Bob has fetched the file, and says so to the tracker that serves him, which stands still: at the other one it is done, and undone again. What comes of it is a race in the tracker that goes on:
 * between what waits in its socket and what the other tracker tells it.
 */
async function sharedAndStopped(name: string): Promise<void> {
  const path = join(pair.folder, name);
  writeRandomFile(path, MIB);
  await untilEqual();
  await alice.do('upload_file', path, 'team');
  await bob.do('download_file', 'team', name, join(pair.folder, 'bob'));
  const serving = (await bob.do('trackers')).trackers.findIndex((tracker) => tracker.serving);
  const done = async () => (await bob.do('show_downloads')).downloads.find(({ file }) => file === name)!.done;
  await expect.poll(done, { interval: 20, timeout: 20_000 }).toBeGreaterThan(0.5);
  pair.trackers[serving]!.process.kill('SIGSTOP');
  try {
    await bob.do('wait', '--timeout', '30');
    await expect
      .poll(async () => (await bob.do('shares')).shares.map(({ file }) => file), { timeout: 20_000 })
      .toContain(name);
    await alice.do('stop_share', 'team', name);
    await bob.do('stop_share', 'team', name);
  } finally {
    pair.trackers[serving]!.process.kill('SIGCONT');
  }
}

test('a tracker gives a request up before its client does', () => {
  expect(latenessLimits.stallMs).toBeLessThan(CONNECT_MS);
  expect(latenessLimits.waitMs).toBeLessThan(ANSWER_MS);
});

test('a tracker that stood still does not do what was given up and undone at the other one since: what was stopped stays stopped', async () => {
  for (const name of ['one.bin', 'two.bin']) await sharedAndStopped(name);
  await untilEqual();
  for (const client of [alice, bob]) expect((await client.do('list_files', 'team')).files).toEqual([]);
});
