import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connect } from 'node:tls';
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

const device = () => new TestDevice(httpSend(tracker.address.port, agent));

it('takes people from an account to a peer list over real HTTP', async () => {
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

it('refuses a large body so that the refusal arrives, and the connection goes on', async () => {
  const [owner, stranger] = [device(), device()];
  await owner.createUser('owner');
  await owner.login('owner');
  await stranger.createUser('stranger');
  await stranger.login('stranger');
  const group = await owner.createGroup('large');
  const put = (who: TestDevice, sizeBytes: number) =>
    who.call('putMetainfo', { params: { group, infoHash: 'ab'.repeat(20) }, body: Buffer.alloc(sizeBytes) });
  await expect(put(stranger, 8 * 1024 * 1024)).rejects.toMatchObject({ code: 'not_member' });
  await expect(put(owner, 64 * 1024 * 1024 + 1)).rejects.toMatchObject({ code: 'limit' });
  await expect(put(owner, 8 * 1024 * 1024)).rejects.toMatchObject({ code: 'integrity' });
  const token = stranger.token;
  stranger.token = 'x'.repeat(43);
  await expect(put(stranger, 8 * 1024 * 1024)).rejects.toMatchObject({ code: 'not_logged_in' });
  stranger.token = token;
  expect(await stranger.standing('large')).toBe('none');
});

it('answers what is no HTTP with a refusal of the table', async () => {
  const socket = connect({ port: tracker.address.port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.end('nonsense\r\n\r\n');
  let said = '';
  for await (const chunk of socket) said += chunk;
  expect(said).toMatch(/^HTTP\/1\.1 400 /);
  expect(said).toContain('{"code":"protocol","message":"the request can not be read as HTTP"}');
});

it('says who has the address, and leaves its folder free', async () => {
  const dataDir = join(folder, 'second');
  const { port } = tracker.address;
  const started = createTracker({ dataDir, host: '127.0.0.1', port });
  await expect(started).rejects.toMatchObject({
    code: 'address_in_use',
    message: `the tracker can not listen on 127.0.0.1:${port}: another program listens there`,
  });
  const elsewhere = await createTracker({ dataDir, host: '127.0.0.1', port: 0 });
  await elsewhere.close();
});

it('refuses data of a later version', async () => {
  const dataDir = join(folder, 'later');
  mkdirSync(dataDir);
  const db = new DatabaseSync(join(dataDir, 'tracker.db'));
  db.exec("CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER); INSERT INTO meta VALUES ('format_version', 5)");
  db.close();
  await expect(createTracker({ dataDir, host: '127.0.0.1', port: 0 })).rejects.toMatchObject({ code: 'newer_format' });
});

it('gives a user a new password', async () => {
  const forgetful = device();
  await forgetful.createUser('forgetful', 'old');
  await forgetful.login('forgetful', 'old');
  const password = await tracker.operator.resetPassword('Forgetful');
  await expect(forgetful.call('me', {})).rejects.toMatchObject({ code: 'not_logged_in' });
  await forgetful.login('forgetful', password);
  await expect(tracker.operator.resetPassword('nobody')).rejects.toMatchObject({ code: 'no_such_user' });
  expect(await tracker.operator.figures()).toMatchObject({ canWrite: true, files: 1 });
});
