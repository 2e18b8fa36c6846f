import { existsSync, renameSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { testMetainfo } from '../testing/metainfo.ts';
import { TrackerSet, until } from '../testing/pair.ts';
import { newCommandId, type TestDevice } from '../testing/test-device.ts';

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

  it('tell a removal to who listens at the other, within 2 s', async () => {
    await pair();
    const alice = await set.person(1, 'alice');
    const group = await alice.createGroup('team');
    const bob = await set.person(2, 'bob');
    await bob.join(group);
    await set.inStep();
    await alice.decide(group, 'bob', 'accept');
    await set.inStep();
    const headers = { authorization: `Bearer ${bob.token}` };
    const to = { host: '127.0.0.1', port: set.ports[1]!, path: '/v1/events', headers, rejectUnauthorized: false };
    let heard = '';
    const stream = request(to, (answer) => answer.on('data', (chunk: Buffer) => (heard += chunk))).end();
    stream.on('error', () => undefined); // it is cut in the end
    await until(() => heard.includes('revocations'));
    await alice.call('removeMember', { params: { group }, body: { commandId: newCommandId(), user: 'bob' } });
    await until(() => heard.includes('"kind":"application"'), 2_000);
    stream.destroy();
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

  it('say that they lag, not that something is lost, while the metainfo, or what is listed, is at the other alone', async () => {
    await pair();
    const alice = await set.person(1, 'alice');
    const group = await alice.createGroup('team');
    await set.inStep();
    const there = set.elsewhere(alice, 2);
    await there.loginByKey();
    await set.stop(2);
    const metainfo = testMetainfo(group, 'a.bin');
    const infoHash = await alice.share(group, metainfo);
    const blobs = join(set.dataDir(1), 'blobs');
    renameSync(blobs, `${blobs}.away`);
    await set.start(2);
    await there.loginByKey();
    const params = { group, infoHash };
    await until(async () => (await there.call('listFiles', { params })).files.length === 1);
    await set.stop(1);
    await until(() => set.tracker(2).replication!().peers[0]!.state === 'unreachable');
    await expect(there.call('getMetainfo', { params })).rejects.toMatchObject({ code: 'tracker_behind' });
    const share = { params, body: { commandId: newCommandId(), infoHash: 'b'.repeat(40), ifListed: true } };
    await expect(there.call('share', share)).rejects.toMatchObject({ code: 'tracker_behind' });
    expect(await there.call('myShares', {})).toMatchObject({ shares: [{ infoHash }], complete: false });

    rmSync(blobs, { recursive: true, force: true });
    renameSync(`${blobs}.away`, blobs);
    await set.start(1);
    await set.inStep();
    expect(Buffer.from(await there.call('getMetainfo', { params }))).toEqual(Buffer.from(metainfo));
    await until(async () => (await there.call('myShares', {})).complete);
    await expect(there.call('share', share)).rejects.toMatchObject({ code: 'no_such_file' });
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

describe('more trackers', () => {
  const groupsAt = async (device: TestDevice) =>
    (await device.call('listGroups', {})).groups.map(({ name }) => name).toSorted();

  const isIn = (device: TestDevice): Promise<boolean> =>
    device.loginByKey().then(
      () => true,
      () => false,
    );

  it('join by a line in the file, and take a snapshot when they come back to it', async () => {
    set = await TrackerSet.of(3);
    const listing = (number: number, listed: number) => ({ cluster: set.cluster(number, listed) });
    await Promise.all([set.start(1, listing(1, 2)), set.start(2, listing(2, 2))]);
    const alice = await set.person(1, 'alice');
    await alice.createGroup('one');
    await set.inStep();
    for (const number of [1, 2]) await set.stop(number);
    await Promise.all([1, 2, 3].map((number) => set.start(number, listing(number, 3))));
    const third = set.elsewhere(alice, 3);
    await until(() => isIn(third));
    expect(await groupsAt(third)).toEqual(['one']);
    await third.createGroup('two');
    await set.inStep();

    // It is listed no more, and writes what nobody hears.
    for (const number of [1, 2, 3]) await set.stop(number);
    await set.start(3, listing(3, 3));
    await third.loginByKey();
    await third.createGroup('unheard');
    await set.stop(3);
    await Promise.all([set.start(1, listing(1, 2)), set.start(2, listing(2, 2))]);
    await alice.loginByKey();
    await alice.createGroup('three');
    await set.inStep();

    // It comes back: what the others hold takes the place of what it had.
    for (const number of [1, 2]) await set.stop(number);
    await Promise.all([1, 2, 3].map((number) => set.start(number, listing(number, 3))));
    await until(async () => (await isIn(third)) && (await groupsAt(third)).includes('three'));
    await set.inStep();
    await alice.loginByKey();
    expect(await groupsAt(third)).toEqual(['one', 'three', 'two']);
    expect(await groupsAt(alice)).toEqual(['one', 'three', 'two']);
  });

  it('who never met before merge what both have', async () => {
    set = await TrackerSet.of(2);
    await Promise.all([1, 2].map((number) => set.start(number, { cluster: { ...set.cluster(number), secrets: [] } })));
    const [alice, bob] = [await set.person(1, 'alice'), await set.person(2, 'bob')];
    await alice.createGroup('one');
    await bob.createGroup('one');
    for (const number of [1, 2]) await set.stop(number);
    await Promise.all([set.start(1), set.start(2)]);
    await set.inStep();
    await alice.loginByKey();
    const groups = await groupsAt(alice);
    expect(groups).toHaveLength(2);
    expect(groups[0]).toBe('one');
    expect(groups[1]).toMatch(/^one~[0-9a-f]{4}$/);
  });
});
