import { existsSync } from 'node:fs';
import { join } from 'node:path';
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

  it('know who is online at the other, until it is gone, and after a cut again', async () => {
    await pair();
    const alice = await set.person(1, 'alice');
    const group = await alice.createGroup('team');
    const infoHash = await alice.share(group, testMetainfo(group, 'a.bin'));
    await alice.beat(6_881);
    await set.inStep();
    const there = set.elsewhere(alice, 2);
    await there.loginByKey();
    const bob = await set.person(2, 'bob');
    await bob.join(group);
    await set.inStep();
    await alice.decide(group, 'bob', 'accept');
    await set.inStep();
    const peers = async () => (await bob.call('peers', { params: { group, infoHash } })).peers;
    await until(async () => (await peers()).length === 1);
    expect(await peers()).toMatchObject([
      { user: 'alice', role: 'seeder', addresses: [{ host: '127.0.0.1', port: 6_881 }] },
    ]);
    await set.stop(2);
    await alice.beat(6_882);
    await set.start(2);
    await bob.loginByKey();
    await until(async () => (await peers())[0]?.addresses[0]?.port === 6_882);
    await alice.call('logout', { body: { commandId: newCommandId() } });
    await until(async () => (await peers()).length === 0);
  });

  it('fetch the metainfo of what the other lists', async () => {
    await pair();
    const alice = await set.person(1, 'alice');
    const group = await alice.createGroup('team');
    const metainfo = testMetainfo(group, 'a.bin');
    const infoHash = await alice.share(group, metainfo);
    await set.inStep();
    const there = set.elsewhere(alice, 2);
    await there.loginByKey();
    expect(Buffer.from(await there.call('getMetainfo', { params: { group, infoHash } }))).toEqual(
      Buffer.from(metainfo),
    );
    const blob = join(set.dataDir(2), 'blobs', group, infoHash);
    await until(() => existsSync(blob));
    await set.stop(1);
    expect(Buffer.from(await there.call('getMetainfo', { params: { group, infoHash } }))).toEqual(
      Buffer.from(metainfo),
    );
  });

  it('count wrong passwords together', async () => {
    await pair();
    await set.person(1, 'alice');
    await set.inStep();
    const guess = (number: number) =>
      set
        .device(number)
        .login('alice', 'wrong')
        .catch((error) => error.code);
    for (let tries = 0; tries < 10; tries++) expect(await guess(1)).toBe('bad_credentials');
    expect(await guess(1)).toBe('throttled');
    let guesses = 0;
    await until(async () => ++guesses > 5 || (await guess(2)) === 'throttled');
    expect(guesses).toBeLessThanOrEqual(5);
  });
});
