import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTracker, type Tracker } from '../app.ts';
import { exportedBy, pinOf } from '../testing/http-send.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-port-'));
const start = () =>
  createTracker({
    dataDir: folder,
    host: '127.0.0.1',
    port: 0,
    portLimits: { perAddress: 4, handshakeMs: 200, headMs: 500, requestMs: 1_500 },
  });
let tracker: Tracker;
beforeAll(async () => {
  tracker = await start();
});
afterAll(async () => {
  await tracker.close();
  rmSync(folder, { recursive: true });
});

const target = () => ({ host: '127.0.0.1', port: tracker.address.port });
async function secure(options: ConnectionOptions & { localAddress?: string } = {}): Promise<TLSSocket> {
  const socket = connect({ ...target(), rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket;
}
async function allOf(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined); // a reset ends it as well
  await once(socket, 'close');
  return text;
}
const health = 'GET /healthz HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n';
async function isServed(options: ConnectionOptions & { localAddress?: string } = {}): Promise<boolean> {
  const socket = await secure(options);
  socket.write(health);
  return (await allOf(socket)).startsWith('HTTP/1.1 200 ');
}

describe('the port', () => {
  it('speaks TLS 1.3 and HTTP/1.1, and nothing older', async () => {
    expect(await isServed({ minVersion: 'TLSv1.3', ALPNProtocols: ['http/1.1'] })).toBe(true);
    await expect(secure({ maxVersion: 'TLSv1.2' })).rejects.toMatchObject({ code: /PROTOCOL_VERSION/ });
    await expect(secure({ ALPNProtocols: ['h2'] })).rejects.toMatchObject({ code: /NO_APPLICATION_PROTOCOL/ });
  });

  it('tells who speaks plain HTTP what it speaks, and closes', async () => {
    const socket = connectPlain(target());
    socket.write(health);
    const answer = await allOf(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      code: 'protocol',
      message: expect.stringMatching(/^this port speaks TLS 1\.3 only/),
    });
    expect(await isServed()).toBe(true);
  });

  it('keeps its key over a restart, private to its user, and shows the pin it tells', async () => {
    const { pin } = tracker;
    await tracker.close();
    tracker = await start();
    expect(tracker.pin).toBe(pin);
    const socket = await secure();
    expect(pinOf(socket).toString('hex')).toBe(pin);
    socket.destroy();
    for (const file of ['tls-key.pem', 'issuer-key.pem']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it('resumes no session, and each connection has another exporter value', async () => {
    const first = await secure();
    const sessions: Buffer[] = [];
    first.on('session', (session) => sessions.push(session));
    first.write(health);
    const exported = exportedBy(first);
    await allOf(first);
    for (const session of [...sessions, first.getSession()]) {
      const again = await secure(session ? { session } : {});
      expect(again.isSessionReused()).toBe(false);
      expect(exportedBy(again)).not.toEqual(exported);
      again.destroy();
    }
  });
});

describe('who holds on to connections', () => {
  it('is cut when nothing comes, before, in and after the handshake, while others are served', async () => {
    const silent = connectPlain(target());
    const halfway = connectPlain(target());
    halfway.write(Buffer.from([0x16, 3, 1]));
    const idle = await secure();
    const closed = Promise.all([allOf(silent), allOf(halfway), allOf(idle)]);
    expect(await isServed({ localAddress: '127.0.0.2' })).toBe(true);
    await closed;
  });

  it('is cut when a head or a body drips', async () => {
    const head = await secure();
    const body = await secure();
    body.write(
      'POST /v1/challenges HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n',
    );
    head.write('GET /healthz HTTP/1.1\r\n');
    const drip = setInterval(() => {
      head.write('x');
      body.write(' ');
    }, 50);
    const [headAnswer, bodyAnswer] = await Promise.all([allOf(head), allOf(body)]);
    clearInterval(drip);
    expect(headAnswer).not.toContain('200');
    expect(bodyAnswer).not.toContain('200');
    expect(await isServed()).toBe(true);
  });

  it('gets no more connections than one address may have, and others get theirs', async () => {
    const held = await Promise.all(Array.from({ length: 4 }, () => secure()));
    await expect(secure()).rejects.toThrow();
    expect(await isServed({ localAddress: '127.0.0.2' })).toBe(true);
    for (const socket of held) socket.destroy();
    await Promise.all(held.map((socket) => once(socket, 'close')));
    await expect.poll(() => isServed().catch(() => false)).toBe(true);
  });
});
