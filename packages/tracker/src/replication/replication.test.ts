import { afterEach, describe, expect, it } from 'vitest';
import { testMetainfo } from '../testing/metainfo.ts';
import { TrackerSet, until } from '../testing/pair.ts';
import { newCommandId } from '../testing/test-device.ts';

let set: TrackerSet;
afterEach(() => set.close());

async function pair(): Promise<TrackerSet> {
  set = await TrackerSet.of(2);
  await Promise.all([set.start(1), set.start(2)]);
  await set.inStep();
  return set;
}

describe('two trackers', () => {
  it('share accounts, groups, decisions and the catalogue, whoever is asked', async () => {
    await pair();
    const alice = await set.person(1, 'alice');
    const group = await alice.createGroup('team');
    const bob = await set.person(2, 'bob');
    await bob.join(group);
    await set.inStep();
    await alice.decide(group, 'bob', 'accept');
    await set.inStep();
    const infoHash = await bob.share(group, testMetainfo(group, 'a.bin'));
    await set.inStep();
    const there = set.elsewhere(alice, 2);
    await there.loginByKey();
    const here = await alice.call('listFiles', { params: { group } });
    expect(here.files).toMatchObject([{ name: 'a.bin', infoHash, by: 'bob' }]);
    expect((await there.call('listFiles', { params: { group } })).files).toMatchObject([{ name: 'a.bin', by: 'bob' }]);
    expect((await there.call('listMembers', { params: { group } })).members.map(({ user }) => user)).toEqual([
      'alice',
      'bob',
    ]);
  });

  it('settle a create while both answer, and acknowledge it alone within 300 ms while not', async () => {
    await pair();
    const alice = await set.person(1, 'alice');
    const create = () => ({ body: { commandId: newCommandId(), create: alice.creation('group', newCommandId()) } });
    expect((await alice.call('createGroup', create())).settled).toBe(true);
    await set.stop(2);
    await until(() => set.tracker(1).replication!().peers[0]!.state === 'unreachable');
    expect((await alice.call('createGroup', create())).settled).toBe(false);
    await set.start(2);
    await set.inStep();
    expect((await alice.call('createGroup', create())).settled).toBe(true);
  });
});
