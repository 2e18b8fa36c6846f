import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { blobLimits } from '../limits.ts';
import { startInProcess } from '../testing/in-process.ts';
import { testMetainfo } from '../testing/metainfo.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';
import { collectBlobs } from './collect-blobs.ts';

const tracker = startInProcess();
afterAll(() => tracker.close());

it('metainfo that nothing lists goes after an hour, and so do leftovers; what is listed stays', async () => {
  const { writer, blobs } = tracker.services;
  const alice = new TestDevice(tracker.sendFrom('127.0.0.1'));
  await alice.createUser('alice');
  await alice.login('alice');
  const group = await alice.createGroup('team');
  const listed = await alice.share(group, testMetainfo(group, 'listed'));
  const ended = await alice.share(group, testMetainfo(group, 'ended'));
  await alice.call('stopShare', { params: { group, infoHash: ended }, body: { commandId: newCommandId() } });
  const folder = join(tracker.dataDir, 'blobs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tmp-new'), '');
  writeFileSync(join(folder, 'tmp-old'), '');
  const nowMs = Date.now();
  utimesSync(join(folder, 'tmp-old'), nowMs / 1000, (nowMs - blobLimits.unlistedMs - 1000) / 1000);
  await collectBlobs(writer, blobs, nowMs);
  expect(readdirSync(folder).sort()).toEqual([group, 'tmp-new'].sort());
  expect(readdirSync(join(folder, group)).sort()).toEqual([listed, ended].sort());
  await collectBlobs(writer, blobs, nowMs + blobLimits.unlistedMs + 1000);
  expect(readdirSync(join(folder, group))).toEqual([listed]);
  await alice.call('getMetainfo', { params: { group, infoHash: listed } });
});
