import { expect, it } from 'vitest';
import { World } from '../testing/world.ts';
import { activityIn } from './activity-in.ts';

it('tells what people did, from the rows that their commands changed', async () => {
  const world = new World();
  const [alice, bob] = [await world.user('alice'), await world.user('bob')];
  const told: string[] = [];
  const names = new Map([
    [alice.uid, 'alice'],
    [bob.uid, 'bob'],
  ]);
  const unwatch = world.writer.watch((puts) => {
    for (const { uid, what, infoHash } of activityIn(puts))
      told.push(`${names.get(uid)} ${what}${infoHash ? ' a file' : ''}`);
  });
  const gid = await alice.createGroup('team');
  await bob.joins(gid, alice);
  const infoHash = await alice.shares(gid, 'a.bin');
  await bob.run('share', { gid, infoHash });
  await alice.run('stopShare', { gid, infoHash });
  await alice.run('handOverGroup', { gid, user: 'bob' });
  await bob.run('removeMember', { gid, user: 'alice' });
  await bob.run('leaveGroup', { gid });
  unwatch();
  expect(told).toEqual([
    'bob asked',
    'bob joined',
    'alice listed a file',
    'bob shared a file',
    'alice stopped a file',
    'bob owns',
    'alice removed',
    'bob left',
  ]);
});
