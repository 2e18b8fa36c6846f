import { join } from 'node:path';
import { Geometry, parseInfoHash } from '@peerage/bittorrent';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { CertifiedDevice } from '../support/certified-device.ts';
import { CutPair } from '../support/cut-pair.ts';
import { metricsAt } from '../support/metrics-at.ts';
import { RawPeer, type ServedShare } from '../support/raw-peer.ts';
import type { SpokenClient } from '../support/spoken-client.ts';
import { writeRandomFile } from '../support/team.ts';

/** Trackers that are cut from each other go on: each for its side, which knows nothing of the other one. */

/** In place of an hour: dates of certificates are whole seconds, so it is 2 to 3 s. */
const LIFE_MS = 3_000;
const SIZE_MIB = 4;

let pair: CutPair;
/** The owner of the group at a device on each side. */
let owner: { here: ClientProcess; there: ClientProcess };
let bob: SpokenClient;
/** The owner's shells that nobody types at. */
let ears: SpokenClient[];
const devices: CertifiedDevice[] = [];
beforeAll(async () => {
  pair = await CutPair.start({ PEERAGE_CERTIFICATE_MS: String(LIFE_MS) });
  const [here, shell] = await Promise.all([pair.client('owner', '1'), pair.spokenClient('bob', '2')]);
  bob = shell;
  const [there, ...shells] = await Promise.all([
    pair.client('owner', '2', false),
    pair.spokenClient('owner', '1', false),
    pair.spokenClient('owner', '2', false),
  ]);
  owner = { here, there };
  ears = shells;
  await owner.here.do('create_group', 'team');
});
afterAll(async () => {
  for (const device of devices) device.close();
  await pair?.stop();
});

const eventually = (said: () => unknown) => expect.poll(said, { timeout: 20_000 });

test('a request that both sides decide counts as rejected, and who decided is told on both; so is who lost a name', async () => {
  await bob.say('join_group team');
  await eventually(async () => (await owner.here.do('list_requests', 'team')).requests.length).toBe(1);
  pair.cut();
  expect(await owner.here.do('accept_request', 'team', 'bob')).toEqual({ settled: false });
  await owner.there.do('reject_request', 'team', 'bob');
  await owner.here.do('create_group', 'crew');
  await bob.say('create_group crew');
  // What a tracker has to tell does not hang on its memory.
  await pair.trackers[0]!.stop('SIGKILL');
  await pair.startTracker(1);
  await eventually(() => eventStreams(1)).toBe(2);
  pair.heal();
  const heard = ({ said }: SpokenClient) => said.out + said.err;
  for (const ear of ears) {
    await eventually(() => heard(ear)).toContain(
      "bob's request to join 'team' was accepted at one tracker and rejected",
    );
    expect(heard(ear)).not.toContain("'crew'");
  }
  for (const side of [owner.here, owner.there]) {
    expect((await side.do('list_members', 'team')).members.map(({ user }) => user)).toEqual(['owner']);
  }
  await eventually(() => heard(bob)).toMatch(/'crew' is another group's.+this one is 'crew~[0-9a-f]{4}' until/);
});

/** How many clients listen to that tracker. */
const eventStreams = async (number: number): Promise<number> =>
  Number(/^peerage_event_streams (\d+)$/m.exec(await metricsAt(pair.ports[number - 1]!))?.[1]);

/** What that client serves, as a raw peer finds it. */
async function servedBy(client: ClientProcess, group: string): Promise<ServedShare> {
  const [file] = (await client.do('list_files', 'team')).files;
  return {
    group,
    infoHash: parseInfoHash(file!.info_hash)!,
    geometry: new Geometry(SIZE_MIB * 1024 * 1024),
    device: (await client.do('whoami')).device!,
    port: Number(client.listenAddress.split(':').at(-1)),
  };
}

test('a removal on one side of a cut holds there, however often the other side renews the certificate', async () => {
  writeRandomFile(join(pair.folder, 'served.bin'), SIZE_MIB);
  const mallory = await CertifiedDevice.open(pair.ports[0]!, 'mallory', 'secret');
  devices.push(mallory);
  const { id: group } = await mallory.device.call('findGroup', { params: { name: 'team' } });
  await mallory.device.join(group);
  await owner.here.do('accept_request', 'team', 'mallory');
  for (const side of [owner.here, owner.there]) await side.do('upload_file', join(pair.folder, 'served.bin'), 'team');
  const [here, there] = [await servedBy(owner.here, group), await servedBy(owner.there, group)];
  // The device that is certified on the other side from now on.
  const elsewhere = await CertifiedDevice.another(pair.ports[1]!, 'mallory', 'secret');
  devices.push(elsewhere);
  const isMember = () =>
    elsewhere.certify(group).then(
      () => true,
      () => false,
    );
  await eventually(isMember).toBe(true);
  const before = await RawPeer.dial(elsewhere, here);
  await before.served(4);

  pair.cut();
  const removedAt = performance.now();
  expect(await owner.here.do('remove_member', 'team', 'mallory')).toEqual({ settled: false });
  expect((await before.closed) - removedAt).toBeLessThan(2_000);
  let bytes = 0;
  for (let renewals = 0; renewals < 8; renewals++) {
    await elsewhere.certify(group); // the other side does not know
    const control = await RawPeer.dial(elsewhere, there);
    await control.served(4);
    control.close();
    const refused = await RawPeer.dial(elsewhere, here);
    await refused.closed;
    bytes += refused.bytes;
    await new Promise((resolve) => setTimeout(resolve, LIFE_MS / 3)); // the next hour
  }
  expect(bytes).toBe(0);
  const last = await RawPeer.dial(elsewhere, there);
  await last.served(4);
  pair.heal();
  await last.closed;
  await eventually(isMember).toBe(false);
});
