import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createServer } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { portIdentityIn } from '../../packages/tracker/src/tls/port-identity.ts';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';

/** A client that knows one tracker's key knows the others' by its word: who takes another's place later shows a changed key, not a first one. */

let folder: string;
let trackers: TrackerProcess[];
let client: ClientProcess;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-vouched-'));
  const info = join(folder, 'trackers.txt');
  writeFileSync(info, `127.0.0.1:${await freePort()}\n127.0.0.1:${await freePort()}\n`);
  trackers = [];
  for (const place of [1, 2]) trackers.push(await TrackerProcess.start(info, place, join(folder, `tracker-${place}`)));
  client = await ClientProcess.start(info, join(folder, 'home'));
});
afterEach(async () => {
  await client.stop();
  await Promise.all(trackers.map((tracker) => tracker.stop()));
  rmSync(folder, { recursive: true });
});

function rememberedKeys(): number {
  const library = new DatabaseSync(join(folder, 'home', 'library.db'), { readOnly: true });
  const { keys } = library.prepare('SELECT count(*) AS keys FROM tracker_keys').get()!;
  library.close();
  return Number(keys);
}

test('an impostor in the place of a tracker that the client never spoke to is told nothing', async () => {
  await client.do('create_user', 'alice', 'secret');
  await client.do('login', 'alice', 'secret');
  await expect.poll(rememberedKeys, { timeout: 20_000 }).toBe(2);
  const { port } = trackers[1]!;
  await Promise.all(trackers.map((tracker) => tracker.stop('SIGKILL')));

  const { key, certificate } = await portIdentityIn(join(folder, 'tracker-1', 'blobs')); // a key of its own
  const heard: string[] = [];
  const met: Socket[] = [];
  const impostor = createServer({ key: key.export({ type: 'pkcs8', format: 'pem' }), cert: certificate });
  impostor.on('connection', (socket: Socket) => met.push(socket.on('error', () => undefined)));
  impostor.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => heard.push(chunk.toString()));
  });
  await once(impostor.listen(port, '127.0.0.1'), 'listening');
  try {
    const answer = await client.send('list_groups');
    expect(answer).toMatchObject({ ok: false, error: { code: 'tracker_key_changed' } });
    expect(met.length).toBeGreaterThan(0);
    expect(heard).toEqual([]);
  } finally {
    for (const socket of met) socket.destroy();
    await new Promise((closed) => impostor.close(closed));
  }
});
