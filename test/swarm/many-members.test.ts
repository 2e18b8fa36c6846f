import { linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { downloadUntil, sha1Of, startTeam, type Team, writeRandomFile } from '../support/team.ts';

let team: Team | undefined;
afterEach(async () => {
  await team?.stop();
  team = undefined;
});

test('a 1 GiB file comes from 4 members at once, each giving more than 10 %', async () => {
  team = await startTeam(5);
  const { members, folder } = team;
  const source = join(folder, 'big.bin');
  writeRandomFile(source, 1024);
  const shared = await members[0]!.do('upload_file', source, 'team');
  // Equal content under the same name makes each of these one more seeder.
  for (const place of [1, 2, 3]) {
    mkdirSync(join(folder, `copy-${place}`));
    linkSync(source, join(folder, `copy-${place}`, 'big.bin'));
    await members[place]!.do('upload_file', join(folder, `copy-${place}`, 'big.bin'), 'team');
  }
  // Equal uplinks: on one machine a seeder's rate is otherwise whatever the scheduler gives its process.
  for (const place of [0, 1, 2, 3]) await members[place]!.do('limit', 'up', '40MB/s');
  const leecher = members[4]!;
  const { files } = await leecher.do('list_files', 'team');
  expect(files).toMatchObject([{ name: 'big.bin', size: 1024 ** 3, pieces: 2048, seeders: 4, shared_by_you: false }]);

  await leecher.do('download_file', 'team', 'big.bin', join(folder, 'files-4'));
  expect(await leecher.do('wait')).toEqual({ completed: 1, failed: 0 });
  const [download] = (await leecher.do('show_downloads')).downloads;
  expect(download!.sources.map(({ user }) => user).sort()).toEqual(['user0', 'user1', 'user2', 'user3']);
  for (const { bytes } of download!.sources) expect(bytes / download!.size).toBeGreaterThan(0.1);
  expect(await sha1Of(join(folder, 'files-4', 'big.bin'))).toBe(shared.sha1);
  expect(await leecher.do('list_files', 'team')).toMatchObject({ files: [{ seeders: 5, shared_by_you: true }] });
});

test('a member at 30 % serves its pieces to another while its own seeder is stopped', async () => {
  team = await startTeam(3);
  const { members, folder, home, trackerInfo } = team;
  const [seeder, middle, late] = members;
  const source = join(folder, 'half.bin');
  writeRandomFile(source, 256);
  await seeder!.do('limit', 'up', '50MB/s'); // slow enough to be stopped in the middle on any machine
  const shared = await seeder!.do('upload_file', source, 'team');
  await middle!.do('download_file', 'team', 'half.bin', join(folder, 'files-1'));
  await downloadUntil(middle!, ({ done, size }) => done / size >= 0.3);
  await seeder!.stop('SIGKILL');
  const stuck = await downloadUntil(middle!, ({ state }) => state === 'W');
  expect(stuck.reason?.code).toBe('no_seeders');
  expect(stuck.done / stuck.size).toBeGreaterThanOrEqual(0.3);
  expect(stuck.done).toBeLessThan(stuck.size);

  await late!.do('download_file', 'team', 'half.bin', join(folder, 'files-2'));
  const passedOn = await downloadUntil(late!, ({ done }) => done === stuck.done);
  expect(passedOn.sources).toMatchObject([{ user: 'user1', bytes: stuck.done }]);

  // The seeder comes back on its home: logged in by its device key, sharing again, and everybody goes on by himself.
  const back = await ClientProcess.start(trackerInfo, home(0));
  try {
    for (const leecher of [middle!, late!]) expect(await leecher.do('wait')).toEqual({ completed: 1, failed: 0 });
    for (const place of [1, 2]) expect(await sha1Of(join(folder, `files-${place}`, 'half.bin'))).toBe(shared.sha1);
  } finally {
    await back.stop();
  }
});
