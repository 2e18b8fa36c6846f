import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { rename, truncate, writeFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf, pieceHashesOf, pieceOf } from '../compliance/content.ts';
import { failureOf } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import type { DownloadStore } from '../download/download-store.ts';
import { openDownload } from '../download/open-download.ts';
import { RunningHash } from './running-hash.ts';

const inFolder = testFolder();
const large = 24 * 1024 * 1024 + 3;

async function download(content: Uint8Array): Promise<DownloadStore> {
  const geometry = new Geometry(content.length);
  const { store } = await openDownload({
    infoHash: '00'.repeat(20),
    geometry,
    destination: inFolder('file'),
    journal: inFolder('journal'),
    pieceHash: pieceHashesOf(content, geometry),
  });
  return store;
}

async function writePieces(store: DownloadStore, content: Uint8Array, pieces: readonly PieceIndex[]): Promise<void> {
  for (const piece of pieces) await store.writePiece(piece, pieceOf(content, store.geometry, piece));
}

/** How nice each hashing thread of this process is. */
const hashThreads = () =>
  readdirSync('/proc/self/task')
    .filter((thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('hash'))
    .map((thread) => getPriority(Number(thread)));

describe('hash behind a download', () => {
  test.each([0, 1, PIECE_BYTES + 1, large])('of pieces in any order, %i bytes', async (sizeBytes) => {
    const content = contentOf(sizeBytes);
    const store = await download(content);
    const hash = await RunningHash.start(store);
    const digest = hash.digest();
    for (const piece of [...store.geometry.pieces()].sort((one, other) => (one % 3) - (other % 3) || other - one)) {
      await writePieces(store, content, [piece]);
      hash.advance();
    }
    // The final name comes while the hash still reads, or after it: the file is the same.
    await store.finish();
    expect(Buffer.from(await digest).equals(createHash('sha1').update(content).digest())).toBe(true);
    await hash.close();
    await hash.close();
    await store.close();
  });

  test.runIf(process.platform === 'linux')('goes behind the thread that started it', async () => {
    const store = await download(contentOf(large));
    const hash = await RunningHash.start(store);
    const unfinished = failureOf(hash.digest());
    await expect.poll(hashThreads).toEqual([getPriority() + 4]);
    await hash.close();
    expect(await unfinished).toBe('io');
    expect(hashThreads()).toEqual([]);
    await store.close();
  });

  test.each([PIECE_BYTES + 1, large])('begins again after a restart, %i bytes', async (sizeBytes) => {
    const content = contentOf(sizeBytes);
    const first = await download(content);
    const stopped = await RunningHash.start(first);
    const pieces = [...first.geometry.pieces()];
    await writePieces(first, content, pieces.slice(0, -1));
    stopped.advance();
    const unfinished = failureOf(stopped.digest());
    await stopped.close();
    expect(await unfinished).toBe('io');
    await first.close();

    const second = await download(content);
    const hash = await RunningHash.start(second);
    await writePieces(second, content, pieces.slice(-1));
    hash.advance();
    expect(Buffer.from(await hash.digest()).equals(createHash('sha1').update(content).digest())).toBe(true);
    await hash.close();
    await second.discard();
  });

  test('another file under the name, or a shorter one, is noticed', async () => {
    const content = contentOf(large);
    const store = await download(content);
    await writePieces(store, content, [...store.geometry.pieces()]);
    await rename(store.path, inFolder('elsewhere'));
    await writeFile(store.path, content);
    expect(await failureOf(RunningHash.start(store))).toBe('changed');
    await rename(inFolder('elsewhere'), store.path);
    await truncate(store.path, large - 1);
    const hash = await RunningHash.start(store);
    expect(await failureOf(hash.digest())).toBe('changed');
    await hash.close();
    await store.discard();
  });
});
