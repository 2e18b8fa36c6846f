import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiRequest } from '@peerage/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTracker } from './run-tracker.ts';
import { bundleTracker } from './testing/bundle.ts';
import { httpSend, trackerAgent } from './testing/http-send.ts';
import { testFolder, testMetainfo } from './testing/metainfo.ts';
import { type DeviceLink, newCommandId, TestDevice } from './testing/test-device.ts';
import { sourceEntry, TrackerProcess } from './testing/tracker-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-run-'));
const trackerInfo = join(folder, 'tracker_info.txt');
let packed = '';
const start = (data: string, entry = packed) => TrackerProcess.start(trackerInfo, join(folder, data), entry);

beforeAll(async () => {
  writeFileSync(trackerInfo, '# one\n127.0.0.1:7700\n');
  packed = await bundleTracker(join(folder, 'dist'));
});
afterAll(async () => {
  await TrackerProcess.endAll();
  rmSync(folder, { recursive: true });
});

describe('a tracker process', () => {
  it('ends by quit, SIGTERM and SIGINT with 0, not by the end of input, and frees its folder', async () => {
    const first = await start('ends', sourceEntry);
    first.process.stdin!.end('quit\n');
    expect((await once(first.process, 'exit'))[0]).toBe(0);
    const second = await start('ends');
    second.process.stdin!.end('help\n');
    await once(second.process.stdout!, 'data');
    expect(await second.end('SIGTERM')).toBe(0);
    expect(await (await start('ends')).end('SIGINT')).toBe(0);
    await (await start('ends')).end('SIGKILL');
    expect(await (await start('ends')).end('SIGTERM')).toBe(0);
  });

  it('lets no second one into its folder', async () => {
    const first = await start('held');
    await expect(start('held')).rejects.toThrow(/^error: another tracker uses the folder .+\(home_in_use\)$/m);
    expect(await first.end('SIGTERM')).toBe(0);
  });

  it('keeps everything to its user, and no password, token or key pin in its log', async () => {
    const data = join(folder, 'private');
    const tracker = await start('private');
    const agent = trackerAgent();
    const alice = new TestDevice(httpSend(tracker.port, agent));
    await alice.createUser('alice', 'a very secret word');
    await alice.login('alice', 'a very secret word');
    const group = await alice.createGroup('team');
    await alice.share(group, testMetainfo(group, 'file'));
    await alice.share(group, testFolder(group, 'a folder that a thread parses', 2_000));
    for (const name of ['.', ...readdirSync(data, { recursive: true, encoding: 'utf8' })]) {
      expect([name, statSync(join(data, name)).mode & 0o077]).toEqual([name, 0]);
    }
    agent.destroy();
    await tracker.end('SIGTERM');
    const log = readFileSync(join(data, 'log', 'tracker.log'), 'utf8');
    expect(log).toContain('listening');
    expect(log).not.toMatch(new RegExp(`secret|${alice.token}`));
    const database = readFileSync(join(data, 'tracker.db'), 'latin1');
    expect(database).toContain('alice');
    expect(database).not.toMatch(new RegExp(`a very secret word|${alice.token}`));
  });

  it('narrows a folder that others could read', async () => {
    const data = join(folder, 'wide');
    await (await start('wide')).end('SIGTERM');
    chmodSync(data, 0o755);
    await (await start('wide')).end('SIGTERM');
    expect(statSync(data).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['missing.txt', undefined, /^error: there is no tracker file .+missing\.txt \(path_not_found\)$/m],
    ['bad.txt', 'nonsense', /^error: .+bad\.txt, line 1: 'nonsense' is not host:port.+\(usage\)$/m],
    ['none.txt', '# none', /lists no tracker/],
  ])('refuses the tracker file %s', async (name, content, message) => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content);
    await expect(TrackerProcess.start(path, join(folder, 'never'), packed)).rejects.toThrow(message);
  });
});

it('refuses a number that the file does not have', async () => {
  const { stdin, stdout, stderr } = process;
  await expect(runTracker({ trackerInfoPath: trackerInfo, number: 2, stdin, stdout, stderr })).rejects.toMatchObject({
    code: 'usage',
    message: `${trackerInfo} has no tracker 2: it lists 1`,
  });
});

describe('kill -9 right after an answer', () => {
  it('loses nothing that was acknowledged, 50 times over every kind of command, and sessions go on', async () => {
    let agent = trackerAgent();
    let tracker = await start('killed');
    const link: DeviceLink = Object.assign((request: ApiRequest) => httpSend(tracker.port, agent)(request), {
      channel: () => httpSend(tracker.port, agent).channel(),
    });
    const device = () => new TestDevice(link);
    const command = () => ({ commandId: newCommandId() });
    let kills = 0;
    async function killedAfter<T>(acknowledged: Promise<T>): Promise<T> {
      const result = await acknowledged;
      await tracker.end('SIGKILL');
      agent.destroy();
      agent = trackerAgent();
      tracker = await start('killed');
      kills++;
      return result;
    }
    const alice = device();
    await alice.createUser('alice');
    await alice.login('alice');
    const names = async (group: string) =>
      (await alice.call('listFiles', { params: { group } })).files.map((file) => file.name);
    const groups: string[] = [];

    for (let round = 0; round < 5; round++) {
      const [user, name] = [`user${round}`, `group${round}`];
      const bob = device();
      await killedAfter(bob.createUser(user));
      await expect(device().createUser(user)).rejects.toMatchObject({ code: 'user_exists' });
      await killedAfter(bob.login(user));
      const group = await killedAfter(alice.createGroup(name));
      groups.push(name);
      const listed = await bob.call('listGroups', {});
      expect(listed.groups.map((one) => one.name).sort()).toEqual(groups);
      await killedAfter(bob.join(group));
      const { requests } = await alice.call('listRequests', { params: { group } });
      expect(requests.map((request) => request.user)).toEqual([user]);
      await killedAfter(alice.decide(group, user, 'accept'));
      expect(await bob.standing(name)).toBe('member');

      const metainfo = testMetainfo(group, 'film');
      const infoHash = await killedAfter(bob.share(group, metainfo));
      expect(await names(group)).toEqual(['film']);
      const kept = await alice.call('getMetainfo', { params: { group, infoHash } });
      expect(Buffer.from(kept).equals(metainfo)).toBe(true);
      await killedAfter(
        round % 2 === 0
          ? bob.call('stopShare', { params: { group, infoHash }, body: command() })
          : alice.call('removeFile', { params: { group }, body: { ...command(), name: 'film' } }),
      );
      expect(await names(group)).toEqual([]);
      await killedAfter(
        round % 2 === 0
          ? bob.call('leaveGroup', { params: { group }, body: command() })
          : alice.call('removeMember', { params: { group }, body: { ...command(), user } }),
      );
      expect(await bob.standing(name)).toBe('none');

      const other = device();
      await other.login(user);
      await killedAfter(bob.call('changePassword', { body: { ...command(), current: 'secret', next: 'changed' } }));
      await expect(other.call('me', {})).rejects.toMatchObject({ code: 'not_logged_in' });
      await expect(other.login(user)).rejects.toMatchObject({ code: 'bad_credentials' });
      await other.login(user, 'changed');
      await killedAfter(
        round % 2 === 0
          ? bob.call('revokeDevice', { params: { device: other.deviceId }, body: command() })
          : other.call('logout', { body: command() }),
      );
      await expect(other.loginByKey()).rejects.toMatchObject({ code: 'bad_credentials' });
      expect(await bob.call('me', {})).toMatchObject({ user: { name: user } });
    }
    expect(kills).toBe(50);
    agent.destroy();
    expect(await tracker.end('SIGTERM')).toBe(0);
  }, 120_000);
});
