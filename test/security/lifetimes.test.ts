import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseInfo } from '@peerage/bittorrent';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newCommandId } from '../../packages/tracker/src/testing/test-device.ts';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { WireSeeder } from '../liars/seeder-wire.ts';
import type { CertifiedDevice } from '../support/certified-device.ts';
import { slowness } from '../support/machine.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { downloadUntil, sha1Of } from '../support/team.ts';
import { SeederHouse } from './seeder-house.ts';

const MIB = 1024 * 1024;
/** The shortest that is of use: dates of certificates are whole seconds, so it is 2 to 3 s. */
const LIFE_MS = 3000;
const SIZE_MIB = 40;
/** So that the download lasts for more than three lifetimes. */
const RATE = (SIZE_MIB * MIB) / (3.5 * (LIFE_MS / 1000));

let house: SeederHouse;
let leecher: ClientProcess;
/** The only way to the seeder, and a slow one. */
let way: TcpProxy | undefined;
let seeder: WireSeeder | undefined;
let renewing: NodeJS.Timeout | undefined;
beforeEach(async () => {
  house = await SeederHouse.open({ sizeMib: SIZE_MIB, certificateMs: LIFE_MS });
  leecher = await ClientProcess.start(join(house.folder, 'tracker_info.txt'), join(house.folder, 'leecher'));
  await leecher.do('create_user', 'carol', 'secret');
  await leecher.do('login', 'carol', 'secret');
  await leecher.do('join_group', 'team');
  await house.owner.device.decide(house.served.group, 'carol', 'accept');
  mkdirSync(join(house.folder, 'fetched'));
});
afterEach(async () => {
  clearInterval(renewing);
  await leecher.stop();
  await seeder?.close();
  await way?.close();
  await house.close();
});

/** Takes the place of the house's seeder, who leaves. Renews its certificate as a client does, and tells nobody but the slow way to it. */
async function seedSlowly(member: CertifiedDevice): Promise<void> {
  const { group, infoHash } = house.served;
  const { device, transport } = member;
  const info = parseInfo(await device.call('getMetainfo', { params: { group, infoHash } }));
  if (info.kind !== 'file') throw new Error('one file is shared');
  seeder = await WireSeeder.start({
    served: { infoHash, info, path: house.path },
    self: { device: device.deviceId, user: 'bob' },
    manners: { kind: 'honest' },
    transport,
  });
  way = await TcpProxy.start(seeder.port, { bytesPerSecond: RATE });
  renewing = setInterval(() => member.certify(group).catch(() => undefined), LIFE_MS / 2); // one that fails shows in the download
  await device.call('share', { params: { group }, body: { commandId: newCommandId(), infoHash } });
  await device.beat(way.port);
  await house.seeder.stop();
}

test('a long download goes on across three lifetimes of certificates without a stall over 1 s', async () => {
  await seedSlowly(await house.member('bob'));
  const startedAt = performance.now();
  await leecher.do('download_file', 'team', 'served.bin', join(house.folder, 'fetched'));
  let { done } = await downloadUntil(leecher, (download) => download.done > 0);
  let [movedAt, longestStallMs] = [performance.now(), 0];
  // A machine that stands still stalls everybody, this process too: that is not the client's.
  const machine = monitorEventLoopDelay({ resolution: 10 });
  machine.enable();
  while (done < SIZE_MIB * MIB) {
    const download = await downloadUntil(leecher, (now) => now.done > done);
    const now = performance.now();
    longestStallMs = Math.max(longestStallMs, now - movedAt);
    [done, movedAt] = [download.done, now];
  }
  machine.disable();
  expect((longestStallMs - 2 * (machine.max / 1e6)) / slowness()).toBeLessThan(1000);
  await downloadUntil(leecher, ({ state }) => state === 'C');
  expect(performance.now() - startedAt).toBeGreaterThan(3 * LIFE_MS);
  expect(seeder!.figures.accepted).toBeGreaterThan(3);
  expect(await sha1Of(join(house.folder, 'fetched', 'served.bin'))).toBe(await sha1Of(house.path));
});
