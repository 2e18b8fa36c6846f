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
