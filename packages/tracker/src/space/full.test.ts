import { afterAll, expect, it } from 'vitest';
import { startInProcess } from '../testing/in-process.ts';
import { testMetainfo } from '../testing/metainfo.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';

const tracker = startInProcess();
afterAll(() => tracker.close());

it('without room everything that grows is refused, and what takes rights away is done and kept', async () => {
  const send = tracker.sendFrom('127.0.0.1');
  const [alice, bob, carol] = [new TestDevice(send), new TestDevice(send), new TestDevice(send)];
  for (const [device, name] of [
    [alice, 'alice'],
    [bob, 'bob'],
    [carol, 'carol'],
  ] as const) {
    await device.createUser(name);
    await device.login(name);
  }
  const group = await alice.createGroup('team');
  await bob.join(group);
  await alice.decide(group, 'bob', 'accept');
  await carol.join(group);
  await alice.share(group, testMetainfo(group, 'before'));

  tracker.setBudget(1);
  const refused = { code: 'no_space' };
  await expect(new TestDevice(send).createUser('dave')).rejects.toMatchObject(refused);
  await expect(bob.createGroup('crew')).rejects.toMatchObject(refused);
  await expect(bob.share(group, testMetainfo(group, 'after'))).rejects.toMatchObject(refused);

  const params = { group };
  await alice.decide(group, 'carol', 'reject');
  await alice.call('removeMember', { params, body: { commandId: newCommandId(), user: 'bob' } });
  await alice.call('removeFile', { params, body: { commandId: newCommandId(), name: 'before' } });
  const change = { commandId: newCommandId(), current: 'secret', next: 'changed' };
  await alice.call('changePassword', { body: change });
  await bob.call('logout', { body: { commandId: newCommandId() } });
  expect((await alice.call('listMembers', { params })).members.map(({ user }) => user)).toEqual(['alice']);
  expect((await alice.call('listFiles', { params })).files).toEqual([]);
  await alice.login('alice', 'changed');

  tracker.setBudget(null);
  await bob.login('bob');
  await bob.createGroup('crew');
});
