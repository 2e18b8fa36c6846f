import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newCommandId } from '../../packages/tracker/src/testing/test-device.ts';
import { SeederHouse } from '../security/seeder-house.ts';
import { SpokenClient } from '../support/spoken-client.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { sha1Of } from '../support/team.ts';

/** 3 s of silence, and one try of 1 s; machines that run tests are slow. */
const NOTICED_MS = 10_000;

let house: SeederHouse;
/** The clients' only way to the tracker. */
let way: TcpProxy;
let leecher: SpokenClient;
beforeEach(async () => {
  house = await SeederHouse.open({
    sizeMib: 4,
    seenBySeeder: async (port) => {
      way = await TcpProxy.start(port);
      return way.port;
    },
  });
  leecher = await SpokenClient.start(join(house.folder, 'tracker_info.txt'), join(house.folder, 'leecher'));
  await leecher.say('create_user bob secret');
  await leecher.say('login bob secret');
  await leecher.say('join_group team');
  await house.owner.device.decide(house.served.group, 'bob', 'accept');
});
afterEach(async () => {
  await leecher.stop();
  await house.close();
  await way.close();
});

test('the only tracker goes silent: it is told in seconds; a download that ends after its file was removed is kept, is not listed anew, and the person is told', async () => {
  const { group } = house.served;
  const path = join(house.folder, 'fetched.bin');
  const told = () => leecher.said.out + leecher.said.err;
  const isRunning = async () => /^\[D\].+ from 1 peer/m.test(await leecher.say('show_downloads'));
  await leecher.say('limit down 500kB/s');
  await leecher.say(`download_file team served.bin ${path}`);
  while (!(await isRunning()));
  way.swallow(true); // neither hears of the removal: the seeder goes on serving
  const cutAt = performance.now();
  const body = { commandId: newCommandId(), name: 'served.bin' };
  await house.owner.device.call('removeFile', { params: { group }, body });
  await expect.poll(told, { timeout: 30_000 }).toContain('no tracker answers');
  expect(performance.now() - cutAt).toBeLessThan(NOTICED_MS);
  await leecher.say('limit down off');
  const isWhole = async () => /^\[C\]/m.test(await leecher.say('show_downloads'));
  await expect.poll(isWhole, { timeout: 60_000 }).toBe(true);
  way.swallow(false);
  const what = `'served.bin' was removed from 'team' while it was downloaded: it is yours, in '${path}'`;
  await expect.poll(told, { timeout: 60_000 }).toContain(what);
  expect((await house.owner.device.call('listFiles', { params: { group } })).files).toEqual([]);
  await expect.poll(async () => (await house.seeder.do('shares')).shares, { timeout: 60_000 }).toEqual([]);
  expect(await leecher.say('shares')).not.toContain('served.bin');
  expect(await sha1Of(path)).toBe(await sha1Of(house.path));
});
