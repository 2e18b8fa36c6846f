import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { CutPair } from '../support/cut-pair.ts';
import { downloadUntil, sha1Of, writeRandomFile } from '../support/team.ts';

/** In place of an hour. */
const LIFE_MS = 8_000;
const SIZE_MIB = 12;

let pair: CutPair;
let alice: ClientProcess;
let bob: ClientProcess;
beforeEach(async () => {
  pair = await CutPair.start({ PEERAGE_CERTIFICATE_MS: String(LIFE_MS) });
  [alice, bob] = await Promise.all([pair.client('alice', '12'), pair.client('bob', '12')]);
});
afterEach(() => pair?.stop());

test('both trackers down: a download goes on with the peers it knows until certificates end, says so, and goes on by itself', async () => {
  await alice.do('create_group', 'team');
  await bob.do('join_group', 'team');
  await alice.do('accept_request', 'team', 'bob');
  const path = join(pair.folder, 'film.bin');
  writeRandomFile(path, SIZE_MIB);
  await alice.do('upload_file', path, 'team');
  await alice.do('limit', 'up', '500kB/s'); // all of it takes longer than certificates live
  await bob.do('download_file', 'team', 'film.bin', join(pair.folder, 'fetched.bin'));
  const before = await downloadUntil(bob, ({ done }) => done > 0);
  await Promise.all(pair.trackers.map((tracker) => tracker.stop('SIGKILL')));
  const downAt = performance.now();
  await downloadUntil(bob, ({ done }) => done > before.done + 1024 * 1024);
  const ended = await downloadUntil(bob, ({ state }) => state === 'W');
  expect(performance.now() - downAt).toBeLessThan(LIFE_MS + 20_000);
  expect(ended.done).toBeLessThan(SIZE_MIB * 1024 * 1024);
  // Whose certificate ends first, and so what is seen of it, differs by moments.
  expect(JSON.stringify((await bob.do('why', 'team', 'film.bin')).reasons)).toMatch(/membership/);

  await alice.do('limit', 'up', 'off');
  await pair.startTracker(2);
  await downloadUntil(bob, ({ state }) => state === 'C');
  expect(await sha1Of(join(pair.folder, 'fetched.bin'))).toBe(await sha1Of(path));
});
