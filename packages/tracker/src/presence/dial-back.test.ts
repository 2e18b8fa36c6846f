import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer as createPlain, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { peerNameStatement } from '@peerage/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { portIdentityIn } from '../tls/port-identity.ts';
import { DialBack } from './dial-back.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-dial-back-'));
const labelKey = 'ab'.repeat(32);
const NOW_MS = 1_750_000_000_000;
const names: string[] = [];
const opened = new Set<Socket>();
let device: Server;
let silent: Server;
let publicKey = '';

const rawOf = (key: KeyObject) => Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url').toString('hex');
const addressOf = (server: Server, host = '127.0.0.1') => ({ host, port: (server.address() as AddressInfo).port });

beforeAll(async () => {
  const { key, certificate } = await portIdentityIn(folder);
  publicKey = rawOf(key);
  device = createServer({
    key: key.export({ type: 'pkcs8', format: 'pem' }),
    cert: certificate,
    requestCert: true,
    rejectUnauthorized: true, // whoever has no certificate is refused, but sees the device's first
    SNICallback: (name, answer) => {
      names.push(name);
      answer(null);
    },
  });
  silent = createPlain((socket) => opened.add(socket));
  for (const server of [device, silent]) await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  for (const socket of opened) socket.destroy();
  for (const server of [device, silent]) await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true });
});

let nowMs = 0;
const open = () =>
  new DialBack({ monotonicMs: () => nowMs, nowMs: () => NOW_MS, localAddress: undefined, settleMs: 0 });
const proof = (key = publicKey) => ({ publicKey: key, labelKey });

it('believes the device that shows its key under the name of its group, and nobody else', async () => {
  expect(await open().reaches('d', addressOf(device), proof())).toBe(true);
  const name = createHmac('sha256', Buffer.from(labelKey, 'hex')).update(peerNameStatement(NOW_MS)).digest('hex');
  expect(names).toEqual([`${name.slice(0, 32)}.peer`]);
  const other = rawOf(generateKeyPairSync('ed25519').publicKey);
  expect(await open().reaches('d', addressOf(device), proof(other))).toBe(false);
  expect(await open().reaches('d', { host: '127.0.0.1', port: 1 }, proof())).toBe(false);
});

it('calls one address, and one device, once a minute', async () => {
  const dialBack = open();
  const before = names.length;
  expect(await dialBack.reaches('a', addressOf(device), proof())).toBe(true);
  expect(await dialBack.reaches('b', addressOf(device), proof())).toBe(false);
  expect(await dialBack.reaches('a', addressOf(device, '127.0.0.2'), proof())).toBe(false);
  nowMs += 59_999;
  expect(await dialBack.reaches('b', { ...addressOf(device), port: 2_000 }, proof())).toBe(false);
  expect(names.length).toBe(before + 1);
  nowMs += 1;
  expect(await dialBack.reaches('b', addressOf(device), proof())).toBe(true);
});

it('gives up who says nothing after 5 s', async () => {
  const startMs = performance.now();
  expect(await open().reaches('d', addressOf(silent), proof())).toBe(false);
  expect(performance.now() - startMs).toBeGreaterThan(4_900);
});
