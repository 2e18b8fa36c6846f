import { afterEach, beforeEach, expect, test } from 'vitest';
import { calmMs } from '../support/machine.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { SeederHouse } from './seeder-house.ts';

const PROMISED_MS = 2000;

let house: SeederHouse;
/** The seeder's only way to the tracker. */
let way: TcpProxy;
let [mallory, bob]: RawPeer[] = [];
beforeEach(async () => {
  house = await SeederHouse.open({
    sizeMib: 4,
    seenBySeeder: async (port) => {
      way = await TcpProxy.start(port);
      return way.port;
    },
  });
  [mallory, bob] = [await house.peer(await house.member('mallory')), await house.peer(await house.member('bob'))];
  await Promise.all([mallory.served(), bob.served()]);
  for (const peer of [mallory, bob]) peer.pace(4e6); // the rest of the machine is for who notices
  way.swallow(true);
});
afterEach(async () => {
  await house.close();
  await way.close();
});

test('a removal that no tracker can tell the seeder is told by any member who knows, who needs no trust', async () => {
  const revoked = await house.remove('mallory');
  await mallory!.served(10); // the seeder can't know yet
  const cut = calmMs(async () => {
    await bob!.tellRevocations(revoked);
    await mallory!.closed;
  });
  expect(await cut).toBeLessThan(PROMISED_MS);
  await bob!.served(10);
  await bob!.tellRevocations([{ ...revoked[0]!, id: 'f'.repeat(32) }]);
  await bob!.closed;
  expect(await house.refused(2)).toEqual(['revoked_application', 'bad_revocation']);
});

test('a stream that says nothing is no tracker: it is noticed, and what was missed is told first when there is one again', async () => {
  await house.remove('mallory');
  const isReachable = async () => (await house.seeder.do('status')).trackers[0]!.reachable;
  while (await isReachable()) await mallory!.served(10);
  way.swallow(false);
  while (!(await isReachable())) await bob!.served(10);
  expect(await calmMs(() => mallory!.closed)).toBeLessThan(PROMISED_MS);
  await bob!.served(10);
});
