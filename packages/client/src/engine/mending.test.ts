import { createHash, hash } from 'node:crypto';
import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeInfo, Geometry, infoHashOf, type PieceIndex } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract/bare';
import { openDownload, openFolderDownload, type PieceStore, ShareFiles, stagingPath } from '@peerage/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenFetch, openFetchOnDisk } from './share-ports.ts';
import { type Content, contentOf, group, sameBytes, TestBed, type TestEngine } from './test-bed/engine-bed.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await TestBed.make();
});
afterEach(async () => {
  await bed.end();
});

const MIB = 1024 * 1024;
const PIECE_BYTES = 512 * 1024;

const bytesOf = (bytes: Uint8Array, { geometry }: PieceStore, piece: PieceIndex): Uint8Array => {
  const offsetBytes = geometry.pieceOffsetBytes(piece);
  return bytes.subarray(offsetBytes, offsetBytes + geometry.pieceLengthBytes(piece));
};

/** What a disk does that forgets, or another program. */
async function damage(path: string, at: number): Promise<void> {
  const handle = await open(path, 'r+');
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
  buffer[0]! ^= 0xff;
  await handle.write(buffer, 0, 1, at);
  await handle.close();
}

/** A download of all but the last piece, as another process left it. */
async function left(content: Content, destination: string): Promise<void> {
  const { geometry } = content.parsed;
  const pieceHash = (piece: PieceIndex) => hash('sha1', bytesOf(content.bytes, store, piece), 'buffer');
  const plan = { infoHash: content.share, geometry, destination, journal: `${destination}.journal`, pieceHash };
  const { store } = await openDownload(plan);
  for (const piece of [...geometry.pieces()].slice(0, -1)) {
    await store.writePiece(piece, bytesOf(content.bytes, store, piece));
  }
  await store.close();
}

const ended = (engine: TestEngine): Promise<void> =>
  engine.until(() => engine.events.some(({ type }) => type === 'completed' || type === 'failed'));

test('what the disk damaged before the end is fetched again, and nothing else', async () => {
  const content = contentOf(4 * MIB);
  const [seeder, leecher] = [await bed.engine(), await bed.engine()];
  await seeder.seed(content);
  const copy = leecher.path(`copy-of-${content.parsed.name}`);
  await left(content, copy);
  await damage(`${copy}.part`, PIECE_BYTES + 7);
  await leecher.fetch(content, { peers: [seeder] });
  await ended(leecher);
  expect(leecher.event('failed')).toBeUndefined();
  expect(await sameBytes(copy, content.bytes)).toBe(true);
  await seeder.until(() => seeder.snapshot(content)?.uploadedBytes === 2 * PIECE_BYTES);
});

test('the same of a folder', async () => {
  const bytes = Buffer.from(contentOf(2 * MIB + 5).bytes);
  const geometry = new Geometry(bytes.length);
  const sizes = { a: MIB + 7, b: MIB - 2 };
  const files = Object.entries(sizes).map(([name, sizeBytes], at) => {
    const from = at === 0 ? 0 : sizes.a;
    return { path: [name], sizeBytes, sha1: hash('sha1', bytes.subarray(from, from + sizeBytes), 'buffer') };
  });
  const pieceHash = (piece: PieceIndex) =>
    hash('sha1', bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES), 'buffer');
  const pieceHashes = Buffer.concat([...geometry.pieces()].map(pieceHash));
  const info = encodeInfo({ kind: 'folder', name: 'tree', group, geometry, pieceHashes, files, emptyFolders: [] });
  const share = infoHashOf(info, (all) => createHash('sha1').update(all).digest());
  const [seeder, leecher] = [await bed.engine(), await bed.engine()];
  const source = seeder.path('tree');
  await mkdir(source);
  await writeFile(join(source, 'a'), bytes.subarray(0, sizes.a));
  await writeFile(join(source, 'b'), bytes.subarray(sizes.a));
  await seeder.engine.handle({ type: 'seed', share, info, path: source, identity: '' });

  const destination = leecher.path('tree');
  const journal = `${destination}.journal`;
  const shareFiles = ShareFiles.of(files, []);
  const chosen = Uint8Array.of(1, 1);
  const { store } = await openFolderDownload({
    ...{ infoHash: share, geometry, destination, journal, pieceHash, chosen, files: shareFiles },
  });
  for (const piece of [...geometry.pieces()].slice(0, -2)) await store.writePiece(piece, bytesOf(bytes, store, piece));
  await store.close();
  await damage(join(stagingPath(destination, share), '0.part'), 7);
  await leecher.engine.handle({ type: 'fetch', share, info, destination, journal, paused: false });
  await leecher.engine.handle({ type: 'peers', share, peers: [seeder.candidate] });
  await ended(leecher);
  expect(leecher.event('failed')).toBeUndefined();
  expect(await sameBytes(join(destination, 'a'), bytes.subarray(0, sizes.a))).toBe(true);
  expect(await sameBytes(join(destination, 'b'), bytes.subarray(sizes.a))).toBe(true);
});

/** Changes a byte of the first piece each time before the whole file is looked at. */
function forgetfulDisk(times: number): { openings: number; openFetch: OpenFetch } {
  const disk = { openings: 0, openFetch: undefined as unknown as OpenFetch };
  disk.openFetch = async (plan) => {
    const opened = await openFetchOnDisk(plan);
    if (disk.openings++ >= times) return opened;
    const passed = async () => {
      await opened.check.passed();
      await damage(`${plan.destination}.part`, 7);
      throw new PeerageError('integrity', 'another SHA-1');
    };
    const { advance, close } = opened.check;
    return { ...opened, check: { advance, close, passed } };
  };
  return disk;
}

test('three times, and then the disk is named; what is wrong is fetched when it is resumed', async () => {
  const content = contentOf(MIB);
  const disk = forgetfulDisk(4);
  const [seeder, leecher] = [await bed.engine(), await bed.engine({ openFetch: disk.openFetch })];
  await seeder.seed(content);
  const path = await leecher.fetch(content, { peers: [seeder] });
  await ended(leecher);
  expect(leecher.event('failed')).toMatchObject({
    code: 'path_not_writable',
    message: expect.stringContaining('check the disk'),
  });
  expect(disk.openings).toBe(4);
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  await leecher.engine.handle({ type: 'resume', share: content.share });
  await leecher.completed(content);
  expect(await sameBytes(path, content.bytes)).toBe(true);
});

test('a share that was shared damaged is told as that, however often it is resumed, and its pieces stay', async () => {
  const content = contentOf(MIB, 1, { wrongSha1: true });
  const [seeder, leecher] = [await bed.engine(), await bed.engine()];
  await seeder.seed(content);
  await leecher.fetch(content, { peers: [seeder] });
  await ended(leecher);
  await leecher.engine.handle({ type: 'resume', share: content.share });
  const failures = () => leecher.events.filter(({ type }) => type === 'failed');
  await leecher.until(() => failures().length === 2);
  expect(failures()).toMatchObject([{ code: 'integrity' }, { code: 'integrity' }]);
  await seeder.until(() => seeder.snapshot(content)?.uploadedBytes === content.bytes.length);
});

test('cancelling while it is mended removes its partial data', async () => {
  const content = contentOf(MIB);
  const disk = forgetfulDisk(1);
  const [seeder, leecher] = [await bed.engine(), await bed.engine({ openFetch: disk.openFetch })];
  await seeder.seed(content);
  const path = await leecher.fetch(content, { peers: [seeder] });
  await leecher.until(() => leecher.event('verifying') !== undefined);
  await leecher.engine.handle({ type: 'stop', share: content.share, discard: true });
  for (const gone of [path, `${path}.part`, `${path}.journal`]) {
    await expect(stat(gone)).rejects.toMatchObject({ code: 'ENOENT' });
  }
});
