import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTeam, type Team, writeRandomFile } from '../support/team.ts';

const MIB = 1024 * 1024;
const SIZE_MIB = 6;

let team: Team;
let file = 0;

beforeAll(async () => {
  team = await startTeam(2);
});
afterAll(() => team.stop());

/** Seconds that the second member needs for a new file of the first. */
async function fetchSeconds(): Promise<number> {
  const name = `file-${++file}`;
  writeRandomFile(join(team.folder, name), SIZE_MIB);
  await team.members[0]!.do('upload_file', join(team.folder, name), 'team');
  const startedMs = performance.now();
  await team.members[1]!.do('download_file', 'team', name, team.folder.concat(`/fetched-${name}`));
  await team.members[1]!.do('wait', '--timeout', '60');
  return (performance.now() - startedMs) / 1000;
}

/** At 3 MB/s, less what may go at once. */
const LEAST_SECONDS = (SIZE_MIB * MIB) / 3e6 - 0.4;

test('an upload limit holds, is shown, and is kept by a restart', async () => {
  await team.members[0]!.do('limit', 'up', '3MB/s');
  expect(await fetchSeconds()).toBeGreaterThan(LEAST_SECONDS);
  await team.members[0]!.stop();
  await team.restart(0);
  expect(await team.members[0]!.do('limit')).toMatchObject({ up: 3_000_000, down: null, slow: false });
  expect((await team.members[0]!.do('status')).limits).toEqual({ up: 3_000_000, down: null, slow: false });
  expect(await fetchSeconds()).toBeGreaterThan(LEAST_SECONDS);
  await team.members[0]!.do('limit', 'up', 'off');
  expect(await team.members[0]!.do('limit')).toMatchObject({ up: null });
});

test('a download limit holds; slow mode is switched on and off', async () => {
  await team.members[1]!.do('limit', 'down', '3MB/s');
  expect(await fetchSeconds()).toBeGreaterThan(LEAST_SECONDS);
  await team.members[1]!.do('limit', 'down', 'off');
  const slow = await team.members[1]!.do('limit', 'slow', 'on');
  expect(slow).toMatchObject({ slow: true, down: null, in_force: { up: 500_000, down: 500_000 } });
  expect(await team.members[1]!.do('limit', 'slow', 'off')).toMatchObject({ in_force: { up: null, down: null } });
});

test('one download has its own limit', async () => {
  const name = `file-${++file}`;
  writeRandomFile(join(team.folder, name), SIZE_MIB);
  await team.members[0]!.do('upload_file', join(team.folder, name), 'team');
  await team.members[1]!.do('limit', 'down', '200kB/s');
  await team.members[1]!.do('download_file', 'team', name, join(team.folder, `fetched-${name}`));
  const { downloads } = await team.members[1]!.do('limit', 'down', '3MB/s', 'team', name);
  expect(downloads).toEqual([{ group: 'team', file: name, up: null, down: 3_000_000 }]);
  const startedMs = performance.now();
  await team.members[1]!.do('limit', 'down', 'off');
  await team.members[1]!.do('wait', '--timeout', '60');
  expect((performance.now() - startedMs) / 1000).toBeGreaterThan(LEAST_SECONDS - 0.3);

  // Its limit goes with its line: the same content fetched again has none.
  await team.members[1]!.do('cancel_download', 'team', name);
  await team.members[1]!.do('download_file', 'team', name, join(team.folder, `again-${name}`));
  await team.members[1]!.do('wait', '--timeout', '60');
  expect((await team.members[1]!.do('limit')).downloads).toEqual([]);
});
