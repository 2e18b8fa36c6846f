import { createPrivateKey } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Geometry, parseInfoHash } from '@peerage/bittorrent';
import { CONTROL_FILE, ControlFile } from '@peerage/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentWith, TestBed } from '../../packages/client/src/engine/test-bed/engine-bed.ts';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { CertifiedDevice } from '../support/certified-device.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { runProgram } from '../support/run-program.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { sha1Of } from '../support/team.ts';
import { notTls13, type Secret, secretsIn } from './detector.ts';

const PASSWORDS = [
  'pass word of alice 8Ke2',
  'pass word of bob 5Vz1',
  'next word of bob 3Hq9',
  'pass word of carol 7Mw4',
];
const [alicesPassword, bobsPassword, bobsNext, carolsPassword] = PASSWORDS as [string, string, string, string];
const KNOWN = 'a known string of the file, and no other: ';

/** In every block of 16 KiB the known string, at another offset. */
const content = Buffer.concat(
  Array.from({ length: 200 }, (_, at) => Buffer.from(`${'.'.repeat(at)}${KNOWN.repeat(200)}`.slice(0, 8192))),
);

let folder: string;
const trackers: TrackerProcess[] = [];
const clients: ClientProcess[] = [];
/** Of trackers and clients, each the only address that is told of what is behind it. */
const toTrackers: TcpProxy[] = [];
const toClients: TcpProxy[] = [];
let token = '';
/** Of the clients' control files, which go with their clients. */
const controlTokens: Secret[] = [];
const pageSecrets: string[] = [];
let modesWhileRunning: string[] = [];

const home = (name: string) => join(folder, name);

async function client(name: string, password: string): Promise<ClientProcess> {
  const port = await freePort();
  const proxy = await TcpProxy.start(port, { records: true });
  toClients.push(proxy);
  const started = await ClientProcess.start(join(folder, 'tracker_info.txt'), home(name), {
    listen: `127.0.0.1:${port}`,
    advertise: proxy.address,
    env: { XDG_RUNTIME_DIR: home('runtime') },
  });
  clients.push(started);
  await started.do('create_user', name, password);
  await started.do('login', name, password);
  const { token: control } = ControlFile.parse(JSON.parse(readFileSync(join(home(name), CONTROL_FILE), 'utf8')));
  controlTokens.push({ name: `control token of ${name}`, bytes: Buffer.from(control) });
  return started;
}

/** Two trackers, who replicate, and three members, who share a file: everything that they say to each other is recorded. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-traffic-'));
  const ports = [await freePort(), await freePort()];
  mkdirSync(home('runtime'), { mode: 0o700 });
  for (const port of ports) toTrackers.push(await TcpProxy.start(port, { records: true }));
  writeFileSync(join(folder, 'tracker_info.txt'), toTrackers.map(({ address }) => `${address}\n`).join(''));
  for (const [place, port] of ports.entries()) {
    const data = home(`tracker-${place + 1}`);
    const flags = ['--listen', `127.0.0.1:${port}`];
    trackers.push(await TrackerProcess.start(join(folder, 'tracker_info.txt'), place + 1, data, {}, flags));
  }
  const alice = await client('alice', alicesPassword);
  const bob = await client('bob', bobsPassword);
  await alice.do('create_group', 'team');
  mkdirSync(home('files'));
  const path = join(home('files'), 'known.txt');
  writeFileSync(path, content);
  const shared = await alice.do('upload_file', path, 'team');
  await bob.do('join_group', 'team');
  await alice.do('accept_request', 'team', 'bob');
  mkdirSync(home('fetched'));
  await bob.do('download_file', 'team', 'known.txt', home('fetched'));
  await bob.do('wait', '--timeout', '60');
  expect(await sha1Of(join(home('fetched'), 'known.txt'))).toBe(shared.sha1);
  await bob.do('passwd', bobsPassword, bobsNext);
  await bob.do('logout');
  await bob.do('login', 'bob', bobsNext);

  // Somebody whose token is known, and who takes everything by the recorded way.
  const carol = await CertifiedDevice.open(toTrackers[0]!.port, 'carol', carolsPassword);
  token = carol.device.token!;
  const { id: group } = await carol.device.call('findGroup', { params: { name: 'team' } });
  await carol.device.join(group);
  await alice.do('accept_request', 'team', 'carol');
  await carol.certify(group);
  const [file] = (await alice.do('list_files', 'team')).files;
  // Everything that a client and a tracker leave behind while they run: the way into the page, a dropped file, a backup.
  const page = new URL((await alice.do('open')).address);
  const entered = await fetch(new URL('/page/enter', page), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: page.hash.slice('#code='.length) }),
  });
  const { secret } = (await entered.json()) as { secret: string };
  const cookie = entered.headers.get('set-cookie')!.split(';')[0]!;
  pageSecrets.push(secret, cookie.split('=')[1]!);
  const dropped = await fetch(new URL('/page/dropped/dropped.bin', page), {
    method: 'PUT',
    headers: { cookie, authorization: `Bearer ${secret}` },
    body: 'dropped on the page',
  });
  expect(dropped.status).toBe(200);
  modesWhileRunning = modesBelow('alice', 'runtime', 'tracker-1', 'platform');
  const backup = await runProgram(['tracker', 'backup', home('backup.db'), '--data', home('tracker-1')]);
  expect(backup.code).toBe(0);
  const peer = await RawPeer.dial(carol, {
    group,
    infoHash: parseInfoHash(file!.info_hash)!,
    geometry: new Geometry(content.length),
    device: (await alice.do('whoami')).device!,
    port: toClients[0]!.port,
  });
  await peer.served(content.length / 16_384);
  await alice.do('remove_member', 'team', 'carol');
  await peer.closed;
  carol.close();
  await Promise.all(clients.map((each) => each.stop()));
  await Promise.all(trackers.map((each) => each.stop()));
});
afterAll(async () => {
  await Promise.all([...clients, ...trackers].map((each) => each.stop()));
  await Promise.all([...toTrackers, ...toClients].map((proxy) => proxy.close()));
  rmSync(folder, { recursive: true });
});

const passwords = (): Secret[] => PASSWORDS.map((word) => ({ name: word, bytes: Buffer.from(word) }));
const tokens = (): Secret[] => [
  { name: 'token', bytes: Buffer.from(token) },
  { name: 'token, unpacked', bytes: Buffer.from(token, 'base64url') },
  ...controlTokens,
  ...pageSecrets.map((secret) => ({ name: 'secret of the page', bytes: Buffer.from(secret) })),
];

/** The cluster's secret, by the file that it lies in. */
function clusterSecrets(): Secret[] {
  const files = filesBelow(home('platform')).filter((path) => path.endsWith('.json'));
  return files.flatMap((path) => {
    const { secrets } = JSON.parse(readFileSync(path, 'utf8')) as { secrets: { key: string }[] };
    return secrets.map(({ key }) => ({ name: path, bytes: Buffer.from(key, 'hex') }));
  });
}

/** Everything below these folders that others than its owner might read or enter. */
function modesBelow(...names: readonly string[]): string[] {
  const wide: string[] = [];
  for (const name of names) {
    const entries = readdirSync(home(name), { recursive: true, withFileTypes: true });
    for (const path of [home(name), ...entries.map((entry) => join(entry.parentPath, entry.name))]) {
      const stat = statSync(path, { throwIfNoEntry: false }); // a journal of the database may be gone by now
      if (stat === undefined) continue;
      if ((stat.mode & 0o077) !== 0) wide.push(`${path} ${(stat.mode & 0o777).toString(8)}`);
    }
  }
  return wide;
}

/** Raw private halves of the keys in PEM files and in the clients' libraries. */
function privateKeys(): Secret[] {
  const keys: Secret[] = [];
  const add = (name: string, pem: string) =>
    keys.push({ name, bytes: Buffer.from(createPrivateKey(pem).export({ format: 'jwk' }).d!, 'base64url') });
  for (const path of filesBelow(folder)) {
    if (path.endsWith('.pem') && readFileSync(path, 'utf8').includes('PRIVATE KEY'))
      add(path, readFileSync(path, 'utf8'));
    if (basename(path) !== 'library.db') continue;
    const database = new DatabaseSync(path, { readOnly: true });
    for (const row of database.prepare('SELECT name, private_key FROM identities').all()) {
      add(`device key of ${row['name']}`, row['private_key'] as string);
    }
    database.close();
  }
  return keys;
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('on all links, clients to trackers, tracker to tracker, peer to peer', () => {
  const recorded = () => [...toTrackers, ...toClients].flatMap((proxy) => proxy.recorded);

  test('everything is TLS 1.3 records from the first byte to the last', () => {
    const directions = recorded().flatMap(({ toTarget, fromTarget }) => [toTarget, fromTarget]);
    expect(directions.map((chunks) => notTls13(Buffer.concat(chunks))).filter((why) => why !== undefined)).toEqual([]);
    for (const proxy of [...toTrackers, toClients[0]!]) expect(proxy.recorded.length).toBeGreaterThan(0);
    const fromAlice = toClients[0]!.recorded.flatMap(({ fromTarget }) => fromTarget);
    expect(fromAlice.reduce((sum, chunk) => sum + chunk.length, 0)).toBeGreaterThan(content.length);
  });

  test('no password, token, key or part of the file can be read', () => {
    const secrets = [...passwords(), ...tokens(), ...privateKeys(), { name: 'the file', bytes: Buffer.from(KNOWN) }];
    expect(secrets.length).toBeGreaterThan(10);
    for (const { toTarget, fromTarget } of recorded()) {
      for (const chunks of [toTarget, fromTarget]) expect(secretsIn(Buffer.concat(chunks), secrets)).toEqual([]);
    }
  });

  test('the same eyes see it on a plain transport', async () => {
    const bed = await TestBed.make();
    const seeder = await bed.engine();
    const way = await TcpProxy.start(seeder.port, { records: true });
    try {
      const plain = contentWith(content, 'known.txt');
      const leecher = await bed.engine();
      await seeder.seed(plain);
      await leecher.fetch(plain);
      const addresses = [{ host: '127.0.0.1', port: way.port }];
      await leecher.peers(plain, [{ candidate: { device: seeder.device, user: seeder.user, addresses } }]);
      await leecher.completed(plain);
      const [connection] = way.recorded;
      const seen = Buffer.concat(connection!.fromTarget);
      expect(secretsIn(seen, [{ name: 'the file', bytes: Buffer.from(KNOWN) }])).toEqual(['the file']);
      expect(notTls13(seen)).toMatch('no TLS record at byte 0');
    } finally {
      await bed.end();
      await way.close();
    }
  });
});

describe('at rest', () => {
  const theirs = () => filesBelow(folder).filter((path) => !/\/(files|fetched)\/|tracker_info\.txt$/.test(path));

  test('no password and no token is in any file, log or database', () => {
    for (const path of theirs()) {
      expect([path, secretsIn(readFileSync(path), [...passwords(), ...tokens()])]).toEqual([path, []]);
    }
  });

  test('a private key is in the one file that it belongs to, and nowhere else', () => {
    const keys = privateKeys();
    const alices = keys.find(({ name }) => name === 'device key of alice')!;
    expect(secretsIn(readFileSync(join(home('alice'), 'library.db')), [alices])).toEqual([alices.name]);
    // A backup holds what a tracker needs to go on: its keys too.
    for (const path of theirs().filter((each) => each !== home('backup.db'))) {
      const isLibrary = basename(path).startsWith('library.db');
      const foreign = keys.filter(({ name }) => name !== path && !(isLibrary && name.startsWith('device key')));
      expect([path, secretsIn(readFileSync(path), foreign)]).toEqual([path, []]);
    }
  });

  test("the cluster's secret is in its own file, and nowhere else", () => {
    const secrets = clusterSecrets();
    expect(secrets).toHaveLength(1);
    for (const path of theirs().filter((each) => each !== secrets[0]!.name)) {
      expect([path, secretsIn(readFileSync(path), secrets)]).toEqual([path, []]);
    }
  });

  test('homes, data folders, backups and what tells of running clients are for their owner alone, while they run and after', () => {
    expect(existsSync(home('runtime'))).toBe(true);
    expect(modesWhileRunning).toEqual([]);
    expect(modesBelow('alice', 'bob', 'tracker-1', 'tracker-2', 'platform', 'runtime')).toEqual([]);
    expect((statSync(home('backup.db')).mode & 0o777).toString(8)).toBe('600');
    expect(filesBelow(home('alice')).some((path) => path.endsWith('open.html'))).toBe(true);
    expect(filesBelow(home('alice')).some((path) => path.endsWith('dropped.bin'))).toBe(true);
  });
});
