// A process of presence.test.ts, in a network of its own: a tracker, an owner who shares a file, two members who name a stranger's address as theirs, and
// 20 members who fetch the file. Says as one line of JSON who came to the stranger. Usage: node presence-world.ts global|loopback
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlApi } from '@peerage/contract';
import { type ClientProgram, createClient } from '../../packages/client/src/app.ts';
import { createTracker } from '../../packages/tracker/src/app.ts';
import { httpSend, trackerAgent } from '../../packages/tracker/src/testing/http-send.ts';
import { TestDevice } from '../../packages/tracker/src/testing/test-device.ts';

const MEMBERS = 20;
const worlds = {
  /** Three machines of the internet: the tracker's, with everybody on it; one more of the owner's; the stranger's. */
  global: { tracker: '203.0.113.1', owner: '198.51.100.9', stranger: '198.51.100.7' },
  /** One machine; the stranger is another program's loopback address. */
  loopback: { tracker: '127.0.0.1', owner: '127.0.0.1', stranger: '127.0.0.50' },
};
const world = worlds[process.argv[2] as keyof typeof worlds];
if (!world) throw new Error('no such world');

const ip = (...words: string[]) => {
  const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
};
ip('link', 'set', 'lo', 'up');
for (const host of new Set(Object.values(world))) {
  if (!host.startsWith('127.')) ip('addr', 'add', `${host}/32`, 'dev', 'lo');
}

const folder = mkdtempSync(join(tmpdir(), 'peerage-presence-'));
const visitors: string[] = [];
const visiting = new Set<Socket>();
const stranger = createServer((socket) => {
  visitors.push(socket.remoteAddress ?? '');
  visiting.add(socket.on('error', () => undefined));
});
await once(stranger.listen(7_000, world.stranger), 'listening');
const strangers = { host: world.stranger, port: 7_000 };

const tracker = await createTracker({ dataDir: join(folder, 'tracker'), host: world.tracker, port: 0 });
const { port } = tracker.address;
const trackers = [{ host: world.tracker, port, address: `${world.tracker}:${port}`, pin: null }];
const clients: ClientProgram[] = [];

async function start(name: string, listen: { host: string; port: number }, advertise: typeof listen | null) {
  const client = await createClient({ trackers, listen, home: join(folder, name), advertise });
  clients.push(client);
  await client.control.call('create_user', { user: name, password: 'secret' });
  await client.control.call('login', { user: name, password: 'secret' });
  return client.control;
}

const content = randomBytes(1024 * 1024);
const path = join(folder, 'film.bin');
writeFileSync(path, content);
const owners = { host: world.owner, port: 7_100 };
const owner = await start('owner', owners, owners);
await owner.call('create_group', { group: 'team' });
async function member(name: string, advertise: typeof strangers | null = null) {
  const control = await start(name, { host: world.tracker, port: 0 }, advertise);
  await control.call('join_group', { group: 'team' });
  await owner.call('accept_request', { group: 'team', user: name });
  return control;
}
const share = { path, group: 'team', cwd: folder };
await owner.call('upload_file', share);
await (await member('mallory', strangers)).call('upload_file', share);

// The other one is no client of ours: it names the stranger among its own interfaces.
const agent = trackerAgent();
const eve = new TestDevice(httpSend(port, agent, undefined, world.tracker));
await eve.createUser('eve');
await eve.login('eve');
const { id: group } = await eve.call('findGroup', { params: { name: 'team' } });
await eve.join(group);
await owner.call('accept_request', { group: 'team', user: 'eve' });
const [file] = (await owner.call('list_files', { group: 'team' })).files;
const { presenceSession } = eve;
let version = 0;
const beat = () =>
  eve.call('heartbeat', {
    body: {
      presenceSession,
      version: ++version,
      addresses: [{ host: world.tracker, port: 7_200 }, strangers],
      downloading: [{ group, infoHash: file!.info_hash }],
      withheld: [],
    },
  });
await beat();

const members: ControlApi[] = [];
for (let n = 0; n < MEMBERS; n++) members.push(await member(`member-${n}`)); // at once they would be too much for one process
await beat();
let complete = 0;
for (const [n, control] of members.entries()) {
  const destination = join(folder, `copy-${n}.bin`);
  await control.call('download_file', { group: 'team', file: 'film.bin', destination, cwd: folder });
}
for (const [n, control] of members.entries()) {
  await control.call('wait', { timeoutMs: 60_000 });
  if (readFileSync(join(folder, `copy-${n}.bin`)).equals(content)) complete++;
}
const peers = await eve.call('peers', { params: { group, infoHash: file!.info_hash } });
const told = (user: string) => peers.peers.find((peer) => peer.user === user)?.addresses.map(({ host }) => host);
process.stdout.write(
  `${JSON.stringify({ complete, visitors, ownerAt: told('owner'), malloryAt: told('mallory'), tracker: world.tracker, minutes: performance.now() / 60_000 })}\n`,
);

for (const client of clients) await client.close();
agent.destroy();
await tracker.close();
for (const socket of visiting) socket.destroy();
await new Promise((closed) => stranger.close(closed));
rmSync(folder, { recursive: true });
