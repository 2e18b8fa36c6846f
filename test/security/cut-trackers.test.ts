import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Geometry, parseInfoHash } from '@peerage/bittorrent';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { CertifiedDevice } from '../support/certified-device.ts';
import { calmMs } from '../support/machine.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { writeRandomFile } from '../support/team.ts';

let folder: string;
/** The trackers reach each other through these, clients do not. */
let between: TcpProxy[] = [];
let trackers: TrackerProcess[] = [];
const clients: ClientProcess[] = [];
let mallory: CertifiedDevice | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-cut-'));
  const ports = [await freePort(), await freePort()];
  between = await Promise.all(ports.map((port) => TcpProxy.start(port)));
  const info = join(folder, 'trackers.txt');
  writeFileSync(info, between.map(({ address }) => `${address}\n`).join(''));
  trackers = [];
  for (const [place, port] of ports.entries()) {
    const flags = ['--listen', `127.0.0.1:${port}`];
    trackers.push(await TrackerProcess.start(info, place + 1, join(folder, `tracker-${place + 1}`), {}, flags));
  }
  writeFileSync(join(folder, 'first.txt'), ports.map((port) => `127.0.0.1:${port}\n`).join(''));
  writeFileSync(
    join(folder, 'second.txt'),
    ports
      .map((port) => `127.0.0.1:${port}\n`)
      .reverse()
      .join(''),
  );
});
afterEach(async () => {
  mallory?.close();
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await Promise.all(trackers.map((tracker) => tracker.stop()));
  await Promise.all(between.map((proxy) => proxy.close()));
  rmSync(folder, { recursive: true });
});

async function client(name: string, file: 'first.txt' | 'second.txt'): Promise<ClientProcess> {
  const started = await ClientProcess.start(join(folder, file), join(folder, name));
  clients.push(started);
  await started.do('create_user', name, 'secret');
  await started.do('login', name, 'secret');
  return started;
}

test('a removal at one tracker reaches a seeder at another one that is cut off from it, by the client of whoever removes', async () => {
  const [owner, seeder] = [await client('owner', 'first.txt'), await client('seeder', 'second.txt')];
  await owner.do('create_group', 'team');
  await seeder.do('join_group', 'team');
  await owner.do('accept_request', 'team', 'seeder');
  mkdirSync(join(folder, 'files'));
  writeRandomFile(join(folder, 'files', 'served.bin'), 4);
  await seeder.do('upload_file', join(folder, 'files', 'served.bin'), 'team');
  const [file] = (await seeder.do('list_files', 'team')).files;
  // The seeder's certificate is of the second tracker, the thief's of the first: each knows the other's issuer.
  mallory = await CertifiedDevice.open(trackers[0]!.port, 'mallory', 'secret');
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
  for (const proxy of between) proxy.swallow(true);
  const cut = calmMs(async () => {
    await owner.do('remove_member', 'team', 'mallory');
    await peer.closed;
  });
  expect(await cut).toBeLessThan(2000);
  const members = async (at: ClientProcess) => (await at.do('list_members', 'team')).members.map(({ user }) => user);
  expect(await members(seeder)).toEqual(['owner', 'seeder']);
  for (const proxy of between) proxy.swallow(false);
  expect(await members(owner)).toEqual(['owner', 'seeder']);
});
