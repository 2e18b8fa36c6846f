import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { downloadUntil, startTeam, type Team, writeRandomFile } from '../support/team.ts';

let team: Team | undefined;
afterEach(async () => {
  await team?.stop();
  team = undefined;
});

test('a removed member is cut off in the middle of a download, within 2 s', async () => {
  team = await startTeam(2);
  const { members, folder } = team;
  const [owner, member] = members;
  const source = join(folder, 'big.bin');
  writeRandomFile(source, 1024);
  const shared = await owner!.do('upload_file', source, 'team');
  await member!.do('download_file', 'team', 'big.bin', join(folder, 'files-1'));
  await downloadUntil(member!, ({ done }) => done > 0);
  await owner!.do('remove_member', 'team', 'user1');
  const removedAt = performance.now();
  const cut = await downloadUntil(member!, ({ state, peers }) => state === 'W' || peers === 0);
  expect(performance.now() - removedAt).toBeLessThan(2000);
  expect(cut.done).toBeLessThan(shared.size);
});
