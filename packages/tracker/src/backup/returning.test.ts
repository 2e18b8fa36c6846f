import { renameSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TrackerSet } from '../testing/pair.ts';
import { newCommandId } from '../testing/test-device.ts';
import { makeBackup } from './make-backup.ts';
import { restoreBackup } from './restore-backup.ts';

let trackers: TrackerSet;
beforeAll(async () => {
  trackers = await TrackerSet.of(2);
});
afterAll(() => trackers?.close());

it("yesterday's backup, started alone, serves nobody; it knows of a removal since, once the other tracker is back", async () => {
  await trackers.start(1);
  await trackers.start(2);
  const alice = trackers.device(1);
  const bob = trackers.device(1);
  await alice.createUser('alice');
  await alice.login('alice');
  await bob.createUser('bob');
  await bob.login('bob');
  const group = await alice.createGroup('team');
  await bob.join(group);
  await alice.decide(group, 'bob', 'accept');

  const backup = `${trackers.dataDir(1)}.backup`;
  makeBackup(trackers.dataDir(1), backup, Date.now());
  const body = { commandId: newCommandId(), user: 'bob' };
  await alice.call('removeMember', { params: { group }, body });
  await expect.poll(() => trackers.tracker(1).replication!().peers[0]!.unacknowledgedOps, { timeout: 20_000 }).toBe(0);
  await trackers.stop(1);
  await trackers.stop(2);
  renameSync(trackers.dataDir(1), `${trackers.dataDir(1)}.lost`);

  restoreBackup(backup, trackers.dataDir(1));
  await trackers.start(1);
  await expect(bob.loginByKey()).rejects.toMatchObject({ code: 'from_backup' });
  await expect(alice.call('me', {})).rejects.toMatchObject({ code: 'from_backup' });
  expect((await trackers.tracker(1).operator.figures()).held).toHaveLength(1);

  await trackers.start(2);
  await expect
    .poll(async () => (await trackers.tracker(1).operator.figures()).held, { timeout: 20_000 })
    .toHaveLength(0);
  await bob.loginByKey();
  expect(await bob.standing('team')).toBe('none');
  expect((await bob.call('certificates', { body: { groups: [group] } })).certificates).toEqual([]);
});
