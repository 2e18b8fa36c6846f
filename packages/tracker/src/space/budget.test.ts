import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createTracker } from '../app.ts';
import { httpSend, trackerAgent } from '../testing/http-send.ts';
import { testFolder } from '../testing/metainfo.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-budget-'));
const agents = [trackerAgent(), trackerAgent()];
afterAll(() => {
  for (const agent of agents) agent.destroy();
  rmSync(folder, { recursive: true });
});

it('metainfo stops at its part of the budget, nothing of what was refused is listed, and a removal is acknowledged and kept over a restart', async () => {
  const budgetBytes = 8 * 1024 * 1024;
  const start = () => createTracker({ dataDir: folder, host: '127.0.0.1', port: 0, budgetBytes });
  const first = await start();
  const alice = new TestDevice(httpSend(first.address.port, agents[0]!));
  const bob = new TestDevice(httpSend(first.address.port, agents[0]!));
  for (const [device, name] of [
    [alice, 'alice'],
    [bob, 'bob'],
  ] as const) {
    await device.createUser(name);
    await device.login(name);
  }
  const group = await alice.createGroup('team');
  await bob.join(group);
  await alice.decide(group, 'bob', 'accept');
  const names: string[] = [];
  const share = async () => {
    const name = `folder${names.length}`;
    await bob.share(group, testFolder(group, name, 20_000));
    names.push(name);
  };
  await expect(async () => {
    while (names.length < 100) await share();
  }).rejects.toMatchObject({ code: 'no_space' });
  expect(names.length).toBeGreaterThan(1);
  const params = { group };
  const listed = async (device: TestDevice) =>
    (await device.call('listFiles', { params })).files.map(({ name }) => name).sort();
  expect(await listed(alice)).toEqual(names.toSorted());
  await alice.call('removeMember', { params, body: { commandId: newCommandId(), user: 'bob' } });
  await first.close();

  const second = await start();
  const again = alice.over(httpSend(second.address.port, agents[1]!));
  expect(await listed(again)).toEqual([]);
  expect((await again.call('listMembers', { params })).members.map(({ user }) => user)).toEqual(['alice']);
  await second.close();
});
