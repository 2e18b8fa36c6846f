import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { openLog } from '../log.ts';
import { startInProcess } from '../testing/in-process.ts';
import { TestDevice } from '../testing/test-device.ts';
import { openMetricsPort } from './metrics-port.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-observability-'));
const tracker = startInProcess({ log: openLog(folder) });
afterAll(async () => {
  await tracker.close();
  rmSync(folder, { recursive: true });
});

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the log', () => {
  it('has a line for what was refused, with the id that the answer carried, and no word of what was asked', async () => {
    const { server } = tracker;
    const answer = await server.inject({
      method: 'POST',
      url: '/v1/groups/00112233445566778899aabbccddeeff/leave?secret=1',
      headers: { authorization: 'Bearer stolen-token' },
      payload: { password: 'a very secret word' },
    });
    const line = linesOf(join(folder, 'log', 'tracker.log')).at(-1);
    expect(line).toMatchObject({
      request: answer.headers['x-request-id'],
      route: 'POST /v1/groups/:group/leave',
      status: 401,
      code: 'not_logged_in',
      msg: 'refused',
    });
    expect(readFileSync(join(folder, 'log', 'tracker.log'), 'utf8')).not.toMatch(/secret|stolen|00112233/);
  });

  it('keeps fields out that it does not know, whatever hangs on an error', () => {
    const log = openLog(join(folder, 'fields'));
    const error = Object.assign(new Error('broken'), { body: 'password', code: 'EIO' });
    log.error({ err: error, token: 'password', code: 'internal' }, 'failed');
    const [line] = linesOf(join(folder, 'fields', 'log', 'tracker.log'));
    expect(line).toMatchObject({ err: { message: 'broken', code: 'EIO' }, code: 'internal', msg: 'failed' });
    expect(JSON.stringify(line)).not.toContain('password');
  });

  it('is rotated by size while it is written, and keeps so many files', () => {
    const place = join(folder, 'rotated');
    const log = openLog(place, { rotateBytes: 2_000, earlierFiles: 2 });
    for (let count = 0; count < 200; count++) log.info({ count }, 'a line');
    const names = readdirSync(join(place, 'log')).sort();
    expect(names).toEqual(['tracker.log', 'tracker.log.1', 'tracker.log.2']);
    for (const name of names) {
      const path = join(place, 'log', name);
      expect(statSync(path).size).toBeLessThan(2_200);
      expect(statSync(path).mode & 0o077).toBe(0);
    }
    const kept = names.reverse().flatMap((name) => linesOf(join(place, 'log', name)).map((line) => line.count));
    expect(kept.at(-1)).toBe(199);
    expect(kept).toEqual(kept.map((_, index) => kept[0] + index)); // nothing is lost between two files
  });
});

it('health says with 503 that a tracker does not serve, and no call of clients is answered meanwhile', async () => {
  const { server, services } = tracker;
  expect((await server.inject('/healthz')).json()).toEqual({ ok: true, version: services.version });
  services.readiness.hold('test', new PeerageError('clock_skew', 'the clock is off'));
  const health = await server.inject('/healthz');
  expect([health.statusCode, health.json().ok]).toEqual([503, false]);
  expect((await server.inject('/v1/me')).json()).toEqual({ code: 'clock_skew', message: 'the clock is off' });
  services.readiness.release('test');
  expect((await server.inject('/healthz')).statusCode).toBe(200);
});

describe('metrics', () => {
  const read = async (remoteAddress: string) => tracker.server.inject({ url: '/metrics', remoteAddress });

  it('are for this machine', async () => {
    expect((await read('192.0.2.1')).statusCode).toBe(400);
    expect((await read('127.0.0.1')).statusCode).toBe(200);
    expect((await read('::1')).headers['content-type']).toContain('text/plain');
  });

  it('count what happens, by route and code, and name nobody', async () => {
    const alice = new TestDevice(tracker.sendFrom('127.0.0.1'));
    await alice.createUser('alice-the-first');
    await alice.login('alice-the-first');
    const group = await alice.createGroup('the-team');
    await expect(alice.createGroup('the-team')).rejects.toMatchObject({ code: 'group_exists' });
    const { body } = await read('127.0.0.1');
    expect(body).toContain('peerage_requests_total{route="POST /v1/groups",code="ok"} 1');
    expect(body).toContain('peerage_requests_total{route="POST /v1/groups",code="group_exists"} 1');
    expect(body).toContain('peerage_request_seconds_count{route="POST /v1/groups"} 2');
    expect(body).toContain('peerage_password_hashes_total 2');
    expect(body).toContain('peerage_rows{kind="user"} 1');
    expect(body).toContain('peerage_can_write 1');
    expect(body).toMatch(/^peerage_data_budget_bytes \d{6,}$/m);
    expect(body).toContain('process_cpu_seconds_total');
    expect(body).not.toMatch(new RegExp(`alice|the-team|${group}|${alice.uid}|${alice.token}`));
  });

  it('are shown on a port of their own where the operator opens one, and nothing else is', async () => {
    const port = await openMetricsPort(tracker.services.metrics, { host: '127.0.0.1', port: 0 });
    const at = (path: string) => fetch(`http://127.0.0.1:${port.address.port}${path}`);
    try {
      const answer = await at('/metrics');
      expect(await answer.text()).toContain('peerage_devices_online 0');
      expect((await at('/v1/me')).status).toBe(404);
      await expect(openMetricsPort(tracker.services.metrics, port.address)).rejects.toMatchObject({
        code: 'address_in_use',
      });
    } finally {
      await port.close();
    }
  });
});
