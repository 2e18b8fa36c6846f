import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createTracker, type Tracker } from '../app.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { httpSend, trackerAgent } from '../testing/http-send.ts';
import { testMetainfo } from '../testing/metainfo.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';
import { makeBackup } from './make-backup.ts';
import { restoreBackup } from './restore-backup.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-backup-'));
const path = (name: string) => join(folder, name);
const running = new Set<Tracker>();
afterAll(async () => {
  for (const tracker of running) await tracker.close();
  rmSync(folder, { recursive: true });
});

async function start(dataDir: string): Promise<Tracker> {
  const tracker = await createTracker({ dataDir, host: '127.0.0.1', port: 0 });
  running.add(tracker);
  return tracker;
}

it('is made while the tracker serves, holds all of one moment, and serves nobody until the loss is accepted', async () => {
  const tracker = await start(path('data'));
  const agent = trackerAgent();
  const send = httpSend(tracker.address.port, agent);
  const [alice, bob] = [new TestDevice(send), new TestDevice(send)];
  await alice.createUser('alice');
  await alice.login('alice');
  await bob.createUser('bob');
  await bob.login('bob');
  const group = await alice.createGroup('team');
  await bob.join(group);
  await alice.decide(group, 'bob', 'accept');
  const metainfo = testMetainfo(group, 'film');
  const infoHash = await alice.share(group, metainfo);

  let stop = false;
  const writing = (async () => {
    for (let count = 0; !stop; count++) await alice.createGroup(`while-${count}`).catch(() => (stop = true));
  })();
  const report = makeBackup(path('data'), path('backup'), Date.now());
  expect(report.metainfoFiles).toBe(1);
  expect(statSync(path('backup')).mode & 0o777).toBe(0o600);
  expect(() => makeBackup(path('data'), path('backup'), 0)).toThrow(
    expect.objectContaining({ code: 'destination_exists' }),
  );
  stop = true;
  await writing;
  // After the backup: a removal and a password that the backup knows nothing of.
  await alice.call('removeMember', { params: { group }, body: { commandId: newCommandId(), user: 'bob' } });
  agent.destroy();
  await tracker.close();
  running.delete(tracker);

  expect(() => new SqliteStore(path('backup'))).toThrow(expect.objectContaining({ code: 'path_not_readable' }));
  chmodSync(path('backup'), 0o644); // somebody copied it about
  const { madeAtMs } = restoreBackup(path('backup'), path('restored'));
  expect(Math.abs(Date.now() - madeAtMs)).toBeLessThan(60_000);
  for (const name of readdirSync(path('restored'), { recursive: true, encoding: 'utf8' })) {
    expect([name, statSync(join(path('restored'), name)).mode & 0o077]).toEqual([name, 0]);
  }
  expect(() => restoreBackup(path('backup'), path('restored'))).toThrow(
    expect.objectContaining({ code: 'destination_exists' }),
  );

  const restored = await start(path('restored'));
  expect(restored.pin).toBe(tracker.pin);
  const again = trackerAgent();
  const [held, bobHere] = [alice, bob].map((device) => device.over(httpSend(restored.address.port, again)));
  const refused = { code: 'from_backup' };
  await expect(held!.call('me', {})).rejects.toMatchObject(refused);
  await expect(held!.login('alice')).rejects.toMatchObject(refused);
  await expect(bobHere!.loginByKey()).rejects.toMatchObject(refused);
  await expect(bobHere!.call('certificates', { body: { groups: [group] } })).rejects.toMatchObject(refused);
  expect((await restored.operator.figures()).held).toEqual([expect.stringContaining('backup')]);

  expect((await restored.operator.possibleLoss()).join()).toContain('memberships are in force again');
  expect(await restored.operator.acceptLoss()).toBe(2);
  await expect(restored.operator.acceptLoss()).rejects.toMatchObject({ code: 'usage' });
  await expect(held!.call('me', {})).rejects.toMatchObject({ code: 'not_logged_in' });
  await expect(bobHere!.loginByKey()).rejects.toMatchObject({ code: 'bad_credentials' });
  await held!.login('alice');
  const kept = await held!.call('getMetainfo', { params: { group, infoHash } });
  expect(Buffer.from(kept).equals(metainfo)).toBe(true);
  expect(existsSync(join(path('restored'), 'from-backup.json'))).toBe(false);
  again.destroy();
});

it('what is no backup, or a damaged one, is refused and leaves no data folder', () => {
  writeFileSync(path('text'), 'no backup');
  const bytes = readFileSync(path('backup'));
  bytes.fill(0x55, 5_000, 9_000);
  writeFileSync(path('damaged'), bytes);
  for (const name of ['text', 'damaged']) {
    expect(() => restoreBackup(path(name), path(`of-${name}`))).toThrow(
      expect.objectContaining({ code: 'path_not_readable' }),
    );
    expect(existsSync(join(path(`of-${name}`), 'tracker.db'))).toBe(false);
  }
  expect(() => restoreBackup(path('none'), path('of-none'))).toThrow(
    expect.objectContaining({ code: 'path_not_found' }),
  );
  expect(() => makeBackup(path('none'), path('x'), 0)).toThrow(expect.objectContaining({ code: 'path_not_found' }));
  expect(() => makeBackup(path('restored'), path('no/such/folder'), 0)).toThrow(
    expect.objectContaining({ code: 'path_not_writable' }),
  );
});
