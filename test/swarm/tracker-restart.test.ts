import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { sha1Of, startTeam, type Team, writeRandomFile } from '../support/team.ts';

let team: Team | undefined;
let again: TrackerProcess | undefined;
afterEach(async () => {
  await again?.stop();
  await team?.stop();
});

test('a tracker that was killed and started anew is told by itself who is online', async () => {
  team = await startTeam(2);
  const [seeder, leecher] = team.members;
  writeRandomFile(join(team.folder, 'some.bin'), 8);
  const shared = await seeder!.do('upload_file', join(team.folder, 'some.bin'), 'team');
  await team.tracker.stop('SIGKILL');
  expect(await leecher!.send('list_groups')).toMatchObject({ ok: false, error: { code: 'tracker_unreachable' } });
  again = await TrackerProcess.start(team.trackerInfo, 1, join(team.folder, 'tracker'));
  await leecher!.do('download_file', 'team', 'some.bin', join(team.folder, 'files-1'));
  expect(await leecher!.do('wait', '--timeout', '10')).toEqual({ completed: 1, failed: 0 });
  expect(await sha1Of(join(team.folder, 'files-1', 'some.bin'))).toBe(shared.sha1);
});
