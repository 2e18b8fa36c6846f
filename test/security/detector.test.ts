import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { notTls13, type Secret, secretsIn } from './detector.ts';

const secret: Secret = { name: 'password', bytes: Buffer.from('correct horse battery staple') };
const around = (inner: Buffer | string, before: number) =>
  Buffer.concat([Buffer.alloc(before, '('), Buffer.from(inner), Buffer.from(')...')]);

test('a secret is found raw, in hex, in base64 at whatever offset, and inside gzip', () => {
  for (const before of [0, 1, 2, 3, 4, 5]) {
    const plain = around(secret.bytes, before);
    for (const form of [
      plain,
      Buffer.from(plain.toString('hex')),
      Buffer.from(plain.toString('hex').toUpperCase()),
      Buffer.from(plain.toString('base64')),
      Buffer.from(plain.toString('base64url')),
      gzipSync(plain),
      gzipSync(Buffer.from(plain.toString('base64'))),
    ]) {
      expect(secretsIn(around(form, 7), [secret])).toEqual(['password']);
    }
  }
  expect(secretsIn(around('correct horse', 3), [secret])).toEqual([]);
});

test('what is no TLS 1.3 is found', () => {
  const record = (type: number, version: number, length: number) =>
    Buffer.concat([Buffer.from([type, version >> 8, version & 255, length >> 8, length & 255]), Buffer.alloc(length)]);
  const good = [record(22, 0x0301, 200), record(20, 0x0303, 1), record(23, 0x0303, 16_640), record(23, 0x0303, 40)];
  expect(notTls13(Buffer.concat(good))).toBeUndefined();
  expect(notTls13(Buffer.concat(good).subarray(0, -3))).toBeUndefined();
  for (const bad of [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from('\x13BitTorrent protocol'),
    Buffer.concat([...good, Buffer.from('plain')]),
    Buffer.concat([record(22, 0x0301, 200), record(22, 0x0303, 100)]),
    record(23, 0x0303, 16_641),
    record(23, 0x0304, 10),
  ]) {
    expect(notTls13(bad)).toMatch(/TLS/);
  }
});
