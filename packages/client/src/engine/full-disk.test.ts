import { stat, writeFile } from 'node:fs/promises';
import { StoreError, type StoreFailure } from '@peerage/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenFetch, openFetchOnDisk } from './share-ports.ts';
import { contentOf, sameBytes, TestBed } from './test-bed/engine-bed.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await TestBed.make();
});
afterEach(async () => {
  await bed.end();
});

const MIB = 1024 * 1024;

/** A disk whose writes fail, after the first few, for as long as `failure` is set. */
function troubledDisk(healthyWrites: number): { failure: StoreFailure | undefined; openFetch: OpenFetch } {
  const disk = { failure: undefined as StoreFailure | undefined, openFetch: undefined as unknown as OpenFetch };
  let writes = 0;
  disk.openFetch = async (plan) => {
    const opened = await openFetchOnDisk(plan);
    const { store } = opened;
    const writePiece = store.writePiece.bind(store);
    store.writePiece = async (piece, bytes) => {
      if (++writes > healthyWrites && disk.failure !== undefined) {
        throw new StoreError(disk.failure, `the disk answers ${disk.failure}`);
      }
      await writePiece(piece, bytes);
    };
    return opened;
  };
  return disk;
}

test('a full disk: the download waits with the reason and goes on by itself, fetching nothing twice', async () => {
  const content = contentOf(8 * MIB);
  const disk = troubledDisk(3);
  disk.failure = 'no_space';
  const [seeder, leecher] = [await bed.engine(), await bed.engine({ openFetch: disk.openFetch })];
  await seeder.seed(content);
  const path = await leecher.fetch(content, { peers: [seeder] });
  await leecher.phase(content, 'waiting');
  expect(leecher.snapshot(content)).toMatchObject({ phase: 'waiting', reason: { code: 'no_space' } });
  disk.failure = undefined;
  await leecher.completed(content);
  expect(await sameBytes(path, content.bytes)).toBe(true);
  await seeder.until(() => seeder.snapshot(content)?.uploadedBytes === content.bytes.length);
});

test('a check of a download that waits for space keeps nobody from cancelling it', async () => {
  const content = contentOf(MIB);
  const leecher = await bed.engine({
    openFetch: async () => {
      throw new StoreError('no_space', 'the disk is full');
    },
  });
  const path = leecher.path(`copy-of-${content.parsed.name}`);
  await writeFile(`${path}.journal`, ''); // it was begun before
  await leecher.fetch(content);
  await leecher.phase(content, 'waiting');
  const check = expect(leecher.engine.handle({ type: 'verify', share: content.share })).rejects.toMatchObject({
    code: 'interrupted',
  });
  await new Promise((resolve) => setImmediate(resolve)); // as two messages come
  await leecher.engine.handle({ type: 'stop', share: content.share, discard: true });
  await check;
});

test('a disk that became read-only: the download fails with the reason, and goes on when it is resumed', async () => {
  const content = contentOf(8 * MIB);
  const disk = troubledDisk(3);
  disk.failure = 'read_only';
  const [seeder, leecher] = [await bed.engine(), await bed.engine({ openFetch: disk.openFetch })];
  await seeder.seed(content);
  const path = await leecher.fetch(content, { peers: [seeder] });
  await leecher.until(() => leecher.event('failed') !== undefined);
  expect(leecher.event('failed')).toMatchObject({ code: 'path_not_writable' });
  disk.failure = undefined;
  await leecher.engine.handle({ type: 'resume', share: content.share });
  await leecher.completed(content);
  expect(await sameBytes(path, content.bytes)).toBe(true);
});

test('cancelling a download that failed removes its partial data', async () => {
  const content = contentOf(4 * MIB);
  const disk = troubledDisk(3);
  disk.failure = 'io';
  const [seeder, leecher] = [await bed.engine(), await bed.engine({ openFetch: disk.openFetch })];
  await seeder.seed(content);
  const path = await leecher.fetch(content, { peers: [seeder] });
  await leecher.until(() => leecher.event('failed') !== undefined);
  await leecher.engine.handle({ type: 'stop', share: content.share, discard: true });
  for (const left of [path, `${path}.part`, `${path}.journal`]) {
    await expect(stat(left)).rejects.toMatchObject({ code: 'ENOENT' });
  }
});

test('a file whose SHA-1 is not the one promised fails and never gets its name', async () => {
  const content = contentOf(MIB, 1, { wrongSha1: true });
  const [seeder, leecher] = [await bed.engine(), await bed.engine()];
  await seeder.seed(content);
  const path = await leecher.fetch(content, { peers: [seeder] });
  await leecher.until(() => leecher.event('failed') !== undefined);
  expect(leecher.event('failed')).toMatchObject({ code: 'integrity' });
  await expect(sameBytes(path, content.bytes)).rejects.toMatchObject({ code: 'ENOENT' });
});
