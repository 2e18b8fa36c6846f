import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { calmMs } from '../support/machine.ts';
import { downloadUntil } from '../support/team.ts';
import { SeederHouse } from './seeder-house.ts';

const PROMISED_MS = 2000;
const UP = '4MB/s';
const SIZE_MIB = 64;

let house: SeederHouse;
let bob: ClientProcess;
beforeAll(async () => {
  house = await SeederHouse.open({ sizeMib: SIZE_MIB });
  await house.seeder.do('limit', 'up', UP);
  bob = await ClientProcess.start(join(house.folder, 'tracker_info.txt'), join(house.folder, 'bob'));
  await bob.do('create_user', 'bob', 'secret');
  await bob.do('login', 'bob', 'secret');
  await bob.do('join_group', 'team');
  await house.owner.device.decide(house.served.group, 'bob', 'accept');
});
afterAll(async () => {
  await bob.stop();
  await house.close();
});

test('beside members who only take and never say what they have, who logs out and in again is served within 2 s', async () => {
  const takers = [await house.peer(await house.member('mallory')), await house.peer(await house.member('trudy'))];
  // They have had their turn: 2 s after a piece is whole they count as withholding it.
  for (const taker of takers) await taker.served(64);

  await bob.do('download_file', 'team', 'served.bin', join(house.folder, 'fetched'));
  const { done } = await downloadUntil(bob, (download) => download.done > 0);
  await bob.do('logout');
  const served = calmMs(async () => {
    await bob.do('login', 'bob', 'secret');
    await downloadUntil(bob, (download) => download.done > done);
  });
  expect(await served).toBeLessThan(PROMISED_MS);

  // From here on the uplink is his, not theirs.
  const bytesOf = () => takers.reduce((sum, taker) => sum + taker.bytes, 0);
  const [before, { done: from }] = [bytesOf(), await downloadUntil(bob, () => true)];
  const { done: until } = await downloadUntil(bob, (download) => download.done - from > 12e6);
  expect(bytesOf() - before).toBeLessThan((until - from) / 3);
});
