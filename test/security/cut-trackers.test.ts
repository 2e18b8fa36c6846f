import { join } from 'node:path';
import { Geometry, parseInfoHash } from '@peerage/bittorrent';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { CertifiedDevice } from '../support/certified-device.ts';
import { CutPair } from '../support/cut-pair.ts';
import { calmMs } from '../support/machine.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { writeRandomFile } from '../support/team.ts';

let pair: CutPair;
let mallory: CertifiedDevice | undefined;
beforeEach(async () => {
  pair = await CutPair.start();
});
afterEach(async () => {
  mallory?.close();
  await pair.stop();
});

test('a removal at one tracker reaches a seeder at another one that is cut off from it, by the client of whoever removes', async () => {
  const [owner, seeder] = [await pair.client('owner', '12'), await pair.client('seeder', '21')];
  await owner.do('create_group', 'team');
  await seeder.do('join_group', 'team');
  await owner.do('accept_request', 'team', 'seeder');
  writeRandomFile(join(pair.folder, 'served.bin'), 4);
  await seeder.do('upload_file', join(pair.folder, 'served.bin'), 'team');
  const [file] = (await seeder.do('list_files', 'team')).files;
  // The seeder's certificate is of the second tracker, the thief's of the first: each knows the other's issuer.
  mallory = await CertifiedDevice.open(pair.ports[0]!, 'mallory', 'secret');
  const { id: group } = await mallory.device.call('findGroup', { params: { name: 'team' } });
  await mallory.device.join(group);
  await owner.do('accept_request', 'team', 'mallory');
  await mallory.certify(group);
  const served = {
    group,
    infoHash: parseInfoHash(file!.info_hash)!,
    geometry: new Geometry(file!.size),
    device: (await seeder.do('whoami')).device!,
    port: Number(seeder.listenAddress.split(':').at(-1)),
  };
  const peer = await RawPeer.dial(mallory, served);
  await peer.served(10);
  pair.cut();
  const cut = calmMs(async () => {
    await owner.do('remove_member', 'team', 'mallory');
    await peer.closed;
  });
  expect(await cut).toBeLessThan(2000);
  const members = async (at: ClientProcess) => (await at.do('list_members', 'team')).members.map(({ user }) => user);
  expect(await members(seeder)).toEqual(['owner', 'seeder']);
  pair.heal();
  expect(await members(owner)).toEqual(['owner', 'seeder']);
});
