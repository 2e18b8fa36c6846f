import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type InProcessTracker, startInProcess } from '../testing/in-process.ts';
import { TestDevice } from '../testing/test-device.ts';
import { Issuer } from './issuer.ts';

const MINUTE_MS = 60_000;
const times = { lifeMs: 60 * MINUTE_MS, issuerLeadMs: 10 * MINUTE_MS, issuerTermMs: 24 * 60 * MINUTE_MS };
const startMs = Date.now();

let tracker: InProcessTracker;
let device: TestDevice;
let group = '';
let aheadMs = 0;
beforeEach(async () => {
  aheadMs = 0;
  tracker = startInProcess({ certificateTimes: times, wallMs: () => Date.now() + aheadMs });
  device = new TestDevice(tracker.sendFrom('127.0.0.1'));
  await device.createUser('alice');
  await device.login('alice');
  group = await device.createGroup('team');
});
afterEach(() => tracker.close());

const ask = () => device.call('certificates', { body: { groups: [group] } });
/** Who made the certificate: its place among the issuers that are told. */
async function issued() {
  const { certificates, issuers, retiredIssuers } = await ask();
  const leaf = new X509Certificate(Buffer.from(certificates[0]!.certificate, 'base64'));
  const by = issuers.find((der) => leaf.verify(new X509Certificate(Buffer.from(der, 'base64')).publicKey));
  return { by, issuers, retiredIssuers };
}

it('the next issuer is published 10 min before its first certificate; the one before is trusted 65 min after its last', async () => {
  const { issuer } = tracker.services;
  const before = await issued();
  expect(before.issuers).toEqual([before.by]);
  const fromMs = await issuer.rotate(tracker.services.nowMs());
  expect(Math.abs(fromMs! - startMs - 10 * MINUTE_MS)).toBeLessThan(MINUTE_MS);
  expect(await issuer.rotate(tracker.services.nowMs())).toBe(fromMs);
  aheadMs = 9 * MINUTE_MS;
  const during = await issued();
  expect([during.by, during.issuers.length]).toEqual([before.by, 2]);
  aheadMs = 11 * MINUTE_MS;
  const after = await issued();
  expect(after.by).not.toBe(before.by);
  expect(after.issuers).toContain(before.by);
  aheadMs = 75 * MINUTE_MS;
  expect((await issued()).issuers).toContain(before.by);
  aheadMs = 77 * MINUTE_MS;
  const late = await issued();
  expect([late.issuers, late.retiredIssuers]).toEqual([[after.by], []]);
});

it('begins anew by itself when its term is over, and goes on where it was after a restart', async () => {
  const first = await issued();
  aheadMs = times.issuerTermMs + MINUTE_MS;
  expect((await issued()).by).toBe(first.by);
  const { nowMs, writer } = tracker.services;
  const again = new Issuer({ dataDir: tracker.dataDir, tracker: 1, times }, writer);
  aheadMs += 11 * MINUTE_MS;
  await again.prepare(nowMs());
  expect(again.id).not.toBe(tracker.services.issuer.id);
  const next = again.id;
  await again.prepare(nowMs());
  expect(new Issuer({ dataDir: tracker.dataDir, tracker: 1, times }, writer).id).toBe(next);
});

it('revocations are signed by the issuer of now', async () => {
  const { issuer, revocations, writer, nowMs } = tracker.services;
  await issued();
  await writer.run('resetPassword', { uid: device.uid, nextHash: 'x', epoch: 'ab'.repeat(16) });
  expect(revocations.all().map((row) => row.issuer)).toEqual([issuer.id]);
  const before = issuer.id;
  await issuer.rotate(nowMs());
  aheadMs = 11 * MINUTE_MS;
  await issuer.prepare(nowMs());
  expect(issuer.id).not.toBe(before);
  expect(revocations.all().map((row) => row.issuer)).toEqual([issuer.id]);
});

it('a retired issuer is out at once and for ever; a new one is used at once', async () => {
  const { by } = await issued();
  const { writer, issuer, nowMs } = tracker.services;
  await expect(writer.run('retireIssuers', { tracker: 2 })).rejects.toMatchObject({ code: 'usage' });
  expect(await writer.run('retireIssuers', { tracker: 1 })).toEqual({ retired: 1 });
  expect(await writer.run('retireIssuers', { tracker: 1 })).toEqual({ retired: 0 });
  await expect(ask()).rejects.toMatchObject({ code: 'tracker_unreachable', message: /rotate_issuer/ });
  await expect(
    new Issuer({ dataDir: tracker.dataDir, tracker: 1, times }, writer).prepare(nowMs()),
  ).rejects.toMatchObject({ code: 'tracker_unreachable' });
  expect(await issuer.rotate(nowMs())).toBeNull();
  const after = await issued();
  expect(after.by).not.toBe(by);
  expect(after.retiredIssuers).toEqual([by]);
  expect(after.issuers).toEqual([after.by]);
});
