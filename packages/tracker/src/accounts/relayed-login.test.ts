import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  type AddressInfo,
  connect as connectPlain,
  createServer as createPlainServer,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTracker, type Tracker } from '../app.ts';
import { httpSend, trackerAgent } from '../testing/http-send.ts';
import { TestDevice } from '../testing/test-device.ts';
import { portIdentityIn } from '../tls/port-identity.ts';

/** A man in the middle with a key of his own, who passes every byte on, beside one who passes on what he can't read. */

const folder = mkdtempSync(join(tmpdir(), 'peerage-relay-'));
const agents = [trackerAgent(), trackerAgent(), trackerAgent()] as const;
const sockets = new Set<Socket>();
let tracker: Tracker;
let reading: Server;
let blind: Server;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function relay(from: Socket, to: Socket): void {
  for (const socket of [from, to]) {
    sockets.add(socket);
    socket.on('error', () => undefined);
  }
  from.pipe(to).pipe(from);
}

beforeAll(async () => {
  tracker = await createTracker({ dataDir: join(folder, 'tracker'), host: '127.0.0.1', port: 0 });
  const { port } = tracker.address;
  const { key, certificate } = await portIdentityIn(folder);
  const pem = key.export({ type: 'pkcs8', format: 'pem' });
  reading = createServer({ key: pem, cert: certificate }, (from) =>
    relay(from, connect({ host: '127.0.0.1', port, rejectUnauthorized: false })),
  );
  blind = createPlainServer((from) => relay(from, connectPlain(port, '127.0.0.1')));
  for (const server of [reading, blind]) await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  for (const agent of agents) agent.destroy();
  for (const socket of sockets) socket.destroy();
  for (const server of [reading, blind]) await new Promise((resolve) => server.close(resolve));
  await tracker.close();
  rmSync(folder, { recursive: true });
});

it('a login that is relayed by who can read it opens nothing; one relayed blindly opens a session', async () => {
  const alice = new TestDevice(httpSend(tracker.address.port, agents[0]));
  await alice.createUser('alice');
  await alice.login('alice');
  const through = (server: Server, agent: (typeof agents)[number]) => alice.over(httpSend(portOf(server), agent));
  const relayed = through(reading, agents[1]);
  await expect(relayed.loginByKey()).rejects.toMatchObject({ code: 'bad_credentials' });
  await expect(relayed.login('alice')).rejects.toMatchObject({ code: 'protocol' });
  const passed = through(blind, agents[2]);
  await passed.loginByKey();
  await passed.login('alice');
  await passed.call('me', {});
});

it('a challenge is good on its connection only', async () => {
  const bob = new TestDevice(httpSend(tracker.address.port, agents[0]));
  await bob.createUser('bob');
  await bob.login('bob');
  const other = bob.over(httpSend(portOf(blind), agents[2]));
  const ask = { user: bob.uid, device: bob.publicKey };
  const here = await bob.channel();
  const loginHere = (challenge: string) =>
    bob.call('deviceLogin', { body: { ...ask, challenge, signature: bob.signLogin(challenge, here) } });
  const { challenge: elsewhere } = await other.call('challenge', { body: ask });
  await expect(loginHere(elsewhere)).rejects.toMatchObject({ code: 'bad_credentials' });
  const { challenge } = await bob.call('challenge', { body: ask });
  await loginHere(challenge);
});
