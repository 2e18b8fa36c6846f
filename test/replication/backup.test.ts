import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { CutPair } from '../support/cut-pair.ts';
import { runProgram } from '../support/run-program.ts';

let pair: CutPair;
let alice: ClientProcess;
let bob: ClientProcess;
beforeAll(async () => {
  pair = await CutPair.start();
  [alice, bob] = await Promise.all([pair.client('alice', '12'), pair.client('bob', '12')]);
});
afterAll(() => pair?.stop());

async function tracker(...args: string[]): Promise<void> {
  const { code, err } = await runProgram(['tracker', ...args]);
  if (code !== 0) throw new Error(err);
}
const groups = async (client: ClientProcess) =>
  (await client.do('list_groups')).groups.map(({ id, standing }) => `${id} ${standing}`).sort();

test("yesterday's backup in the place of a lost tracker of two: it serves nobody by itself, and takes over what the other one holds", async () => {
  await alice.do('create_group', 'team');
  await bob.do('join_group', 'team');
  await alice.do('accept_request', 'team', 'bob');
  const backup = join(pair.folder, 'backup');
  await tracker('backup', backup, '--data', pair.dataOf(1));
  // A day passes.
  expect(await alice.do('remove_member', 'team', 'bob')).toEqual({ settled: true });
  expect(await alice.do('create_group', 'later')).toEqual({ settled: true });

  await Promise.all(pair.trackers.map((each) => each.stop('SIGKILL')));
  renameSync(pair.dataOf(1), `${pair.dataOf(1)}-lost`);
  await tracker('restore', backup, '--data', pair.dataOf(1));
  await pair.startTracker(1);
  expect(await bob.send('list_groups')).toMatchObject({ ok: false, error: { code: 'from_backup' } });
  expect(await bob.send('list_members', 'team')).toMatchObject({ ok: false, error: { code: 'from_backup' } });

  await pair.startTracker(2);
  const onlyFirst = await pair.client('carol', '1').catch(() => undefined); // it may still wait for the other one
  const first = onlyFirst ?? (await pair.client('dave', '21'));
  await expect.poll(() => groups(alice), { timeout: 30_000 }).toEqual(['later owner', 'team owner']);
  await expect.poll(() => groups(bob), { timeout: 30_000 }).toEqual(['later none', 'team none']);
  // What the restored one writes is no number of before: the other one takes it.
  await expect.poll(() => alice.send('create_group', 'afterwards'), { timeout: 30_000 }).toMatchObject({ ok: true });
  await expect.poll(() => groups(first), { timeout: 30_000 }).toEqual(['afterwards none', 'later none', 'team none']);
  await pair.trackers[1]!.stop('SIGKILL');
  await expect.poll(() => groups(bob), { timeout: 30_000 }).toEqual(['afterwards none', 'later none', 'team none']);
});
