import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { FakeTracker } from '../testing/fake-tracker.ts';
import { TrackerSet, until } from '../testing/pair.ts';
import { newCommandId, type TestDevice } from '../testing/test-device.ts';

let set: TrackerSet;
afterEach(() => set.close());

const certificatesOf = (device: TestDevice, group: string) =>
  device.call('certificates', { body: { groups: [group] } });

it("one tracker's operator retires the other's issuer: it issues nothing until it has a new one, and both say so", async () => {
  set = await TrackerSet.of(2);
  await Promise.all([set.start(1), set.start(2)]);
  await set.inStep();
  const here = await set.person(1, 'alice');
  const group = await here.createGroup('team');
  await set.inStep();
  const there = set.elsewhere(here, 2);
  await there.loginByKey();
  await certificatesOf(there, group);
  await certificatesOf(here, group);
  await set.inStep();
  const before = await certificatesOf(here, group);
  expect([before.issuers.length, before.retiredIssuers]).toEqual([2, []]);

  expect(await set.tracker(1).operator.retireIssuers(2)).toBe(1);
  await set.inStep();
  await expect(certificatesOf(there, group)).rejects.toMatchObject({ code: 'tracker_unreachable' });
  const after = await certificatesOf(here, group);
  expect([after.issuers.length, after.retiredIssuers.length, after.certificates.length]).toEqual([1, 1, 1]);
  expect(before.issuers).toEqual(expect.arrayContaining([...after.issuers, ...after.retiredIssuers]));

  expect(await set.tracker(2).operator.rotateIssuer()).toBeNull();
  await set.inStep();
  const renewed = await certificatesOf(there, group);
  expect([renewed.issuers.length, renewed.retiredIssuers]).toEqual([2, after.retiredIssuers]);
  expect((await certificatesOf(here, group)).issuers.toSorted()).toEqual(renewed.issuers.toSorted());
});

it('a tracker that shows a new key goes on replicating', async () => {
  set = await TrackerSet.of(2);
  await Promise.all([set.start(1), set.start(2)]);
  await set.inStep();
  const alice = await set.person(1, 'alice');
  const before = set.tracker(2).pin;
  expect(await set.tracker(2).operator.rotateKey()).toBe(set.tracker(2).pin);
  expect(set.tracker(2).pin).not.toBe(before);
  await until(() => set.tracker(1).replication!().peers[0]!.state === 'following');
  await set.inStep();
  const body = { commandId: newCommandId(), create: alice.creation('group', 'team') };
  expect((await alice.call('createGroup', { body })).settled).toBe(true);
});

const keyOf = async (tracker: number, of: string) =>
  (await set.device(tracker).call('trackerKey', { query: { address: of } })).pin;
const addressOf = (number: number) => `127.0.0.1:${set.ports[number - 1]}`;

it('a tracker vouches for the key that another one shows, also for a new one, and for nothing else', async () => {
  set = await TrackerSet.of(3);
  await Promise.all([set.start(1), set.start(2)]);
  await set.inStep();
  await until(async () => (await keyOf(1, addressOf(2))) === set.tracker(2).pin);
  await until(async () => (await keyOf(2, addressOf(1))) === set.tracker(1).pin);
  await set.tracker(2).operator.rotateKey();
  await until(async () => (await keyOf(1, addressOf(2))) === set.tracker(2).pin);
  for (const of of [addressOf(1), addressOf(3), '127.0.0.1:1', '__proto__']) expect(await keyOf(1, of)).toBeNull();
});

it('a tracker does not vouch for who shows a key without the cluster secret', async () => {
  set = await TrackerSet.of(2);
  const impostor = await FakeTracker.start(set);
  impostor.key = randomBytes(32);
  await set.start(1);
  await until(() => set.tracker(1).replication!().peers[0]!.state === 'refused');
  expect(await keyOf(1, addressOf(2))).toBeNull();
  impostor.key = set.secret.key;
  await until(async () => (await keyOf(1, addressOf(2))) === impostor.pin);
  await impostor.close();
});
