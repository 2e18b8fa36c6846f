import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTracker, type Tracker } from './app.ts';
import { httpSend, trackerAgent } from './testing/http-send.ts';
import { testMetainfo } from './testing/metainfo.ts';
import { TestDevice } from './testing/test-device.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-app-'));
const agent = trackerAgent();
let tracker: Tracker;

beforeAll(async () => {
  tracker = await createTracker({ dataDir: join(folder, 'data'), host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  agent.destroy();
  await tracker.close();
  rmSync(folder, { recursive: true });
});

it('takes people from an account to a peer list over real HTTP', async () => {
  const device = () => new TestDevice(httpSend(tracker.address.port, agent));
  const alice = device();
  const bob = device();
  await alice.createUser('alice');
  await bob.createUser('bob');
  await alice.login('Alice');
  await bob.login('bob');
  const group = await alice.createGroup('team');
  await bob.join(group);
  await expect(bob.call('listFiles', { params: { group } })).rejects.toMatchObject({
    code: 'not_member',
    message: expect.stringMatching(/^you are not a member of 'team': your request is pending since \d\d:\d\d UTC$/),
  });
  await alice.decide(group, 'bob', 'accept');
  const metainfo = testMetainfo(group, 'data.bin');
  const infoHash = await alice.share(group, metainfo);
  await alice.beat(5001);
  await bob.beat(5002, [{ group, infoHash }]);
  const { files } = await bob.call('listFiles', { params: { group } });
  expect(files).toMatchObject([{ name: 'data.bin', infoHash, size: 100, by: 'alice', seeders: 1, sharedByYou: false }]);
  expect(Buffer.from(await bob.call('getMetainfo', { params: { group, infoHash } }))).toEqual(Buffer.from(metainfo));
  const { peers } = await bob.call('peers', { params: { group, infoHash } });
  expect(peers).toEqual([
    {
      user: 'alice',
      userId: alice.uid,
      deviceId: alice.deviceId,
      role: 'seeder',
      addresses: [{ host: '127.0.0.1', port: 5001 }],
    },
  ]);
});
