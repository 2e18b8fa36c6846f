import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentOf, sameBytes, TestBed } from './test-bed/engine-bed.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await TestBed.make();
});
afterEach(async () => {
  await bed.end();
});

const KIB = 1024;

describe('one seeder, one leecher', () => {
  test.each([0, 1, 512 * KIB - 1, 512 * KIB, 512 * KIB + 1, 3 * 1024 * KIB + 1])('%i bytes', async (sizeBytes) => {
    const content = contentOf(sizeBytes);
    const [seeder, leecher] = [await bed.engine(), await bed.engine()];
    await seeder.seed(content);
    const path = await leecher.fetch(content, { peers: [seeder] });
    await leecher.completed(content);
    expect(await sameBytes(path, content.bytes)).toBe(true);
    const snapshot = leecher.snapshot(content)!;
    expect(snapshot).toMatchObject({ phase: 'seeding', doneBytes: sizeBytes, reason: null });
    if (sizeBytes > 0) {
      expect(snapshot.sources).toEqual([{ device: seeder.device, user: seeder.user, bytes: sizeBytes }]);
    }
  });
});

test('who would stop a download stops no source, and the other way round', async () => {
  const content = contentOf(KIB);
  const stop = (only: 'download' | 'source') =>
    leecher.engine.handle({ type: 'stop', share: content.share, discard: true, only });
  const [seeder, leecher] = [await bed.engine(), await bed.engine()];
  await seeder.seed(content);
  await leecher.fetch(content);
  await stop('source');
  await leecher.peers(content, [seeder]);
  await leecher.completed(content);
  await stop('download');
  expect(await leecher.engine.handle({ type: 'facts', share: content.share })).toMatchObject({ phase: 'seeding' });
  await stop('source');
  expect(await leecher.engine.handle({ type: 'facts', share: content.share })).toBeNull();
});
