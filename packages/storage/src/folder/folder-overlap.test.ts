import { existsSync, statSync, truncateSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { contentOf, pieceOf } from '../compliance/content.ts';
import { filesOf, folderPlan, writeLacked } from '../compliance/folder.ts';
import { failureOf } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { damageByte } from '../compliance/watched-disk.ts';
import { OpenFile } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';
import type { FolderDownload } from './folder-download.ts';
import { openFolderDownload } from './open-folder-download.ts';

const inFolder = testFolder();
const content = contentOf(2 * PIECE_BYTES + 77);
/** The first lies in the first two pieces, the second in the last two. */
const files = filesOf(content, [PIECE_BYTES + 5]);
const root = () => inFolder('folder');
const first = () => join(root(), files.path(0));
const [piece, shared] = [0, 1] as PieceIndex[] as [PieceIndex, PieceIndex];

const opened = async (chosen?: readonly number[]): Promise<FolderDownload> =>
  (await openFolderDownload(folderPlan(content, files, root(), chosen))).store;

const heldBy = (store: FolderDownload) => [...store.geometry.pieces()].filter((one) => store.have.has(one));

async function expectCompleted(store: FolderDownload): Promise<void> {
  await writeLacked(store, content);
  await store.finish();
  await store.close();
  expect((await readdir(root())).sort()).toEqual(['0000', '0001', 'empty']);
  const again = await opened();
  expect(again.have.isFull).toBe(true);
  await again.discard();
}

afterEach(() => void vi.restoreAllMocks());

describe('of the download of a folder, at the same time', () => {
  test('a file that is named while a piece of it is lost has no final name afterwards', async () => {
    const store = await opened();
    await writeLacked(store, content);
    await Promise.all([store.nameFile(0), store.lose(piece)]);
    expect([existsSync(first()), heldBy(store), store.progress.doneFiles]).toEqual([false, [1, 2], 0]);
    expect(store.progress.doneBytes).toBe(content.length - PIECE_BYTES);
    await expectCompleted(store);
  });

  test('what is being lost keeps its file from the name, and the folder from its end', async () => {
    const store = await opened();
    await writeLacked(store, content);
    await store.nameFile(0);
    const losing = store.lose(shared);
    await expect(store.nameFile(1)).rejects.toThrow(RangeError);
    await expect(store.finish()).rejects.toThrow(RangeError);
    await losing;
    expect((await readdir(root())).filter((name) => !name.startsWith('.'))).toEqual([]);
    await expectCompleted(store);
  });

  test('a failed note that a piece is lost does not make it durable', async () => {
    const store = await opened();
    await writeLacked(store, content);
    vi.spyOn(OpenFile.prototype, 'sync').mockRejectedValueOnce(new StoreError('io', 'the disk failed'));
    expect(await failureOf(store.lose(piece))).toBe('io');
    await store.close();
    const again = await opened();
    expect(heldBy(again)).toEqual([1, 2]);
    await again.discard();
  });

  test('what is lost is lost before it is written again', async () => {
    const store = await opened();
    await writeLacked(store, content);
    await Promise.all([store.lose(piece), store.writePiece(piece, pieceOf(content, store.geometry, piece))]);
    expect(store.have.isFull).toBe(true);
    await store.discard();
  });

  test('nothing is written to a piece that is stored: whoever names a file has noted when it changed last', async () => {
    const store = await opened();
    const written = vi.spyOn(OpenFile.prototype, 'write');
    const bytes = pieceOf(content, store.geometry, piece);
    await Promise.all([store.writePiece(piece, bytes), store.writePiece(piece, bytes)]);
    expect(written.mock.calls.filter(([, offsetBytes]) => offsetBytes !== null)).toHaveLength(1);
    await store.discard();
  });

  test('a checkpoint during a write does not stand for the sync after it', async () => {
    const store = await opened();
    const { write } = OpenFile.prototype;
    const [reached, disk] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    vi.spyOn(OpenFile.prototype, 'write').mockImplementation(async function (this: OpenFile, bytes, offsetBytes) {
      if (offsetBytes !== null) {
        reached.resolve();
        await disk.promise;
      }
      await write.call(this, bytes, offsetBytes);
    });
    const synced = vi.spyOn(OpenFile.prototype, 'syncData');
    const writing = store.writePiece(piece, pieceOf(content, store.geometry, piece));
    await reached.promise;
    await store.checkpoint();
    disk.resolve();
    await writing;
    synced.mockClear();
    await store.checkpoint();
    expect(synced).toHaveBeenCalledOnce();
    await store.discard();
  });

  test('discarding what gets its names meanwhile leaves the files, and nothing else', async () => {
    const store = await opened();
    await writeLacked(store, content);
    await Promise.all([store.finish(), store.discard()]);
    expect([(await readdir(root())).sort(), await readdir(inFolder())]).toEqual([
      ['0000', '0001', 'empty'],
      ['folder'],
    ]);
  });

  test('a piece kept twice while it closes is no defect', async () => {
    const store = await opened();
    await store.writeUnverified(piece, pieceOf(content, store.geometry, piece));
    const closed = store.close();
    store.keepPiece(piece);
    store.keepPiece(piece);
    await closed;
  });
});

describe('after a power cut', () => {
  // The times of a file are put back to the nanosecond there.
  const onLinux = process.platform === 'linux';

  test.runIf(onLinux)('a file that has its name and not all of its data is a partial one again', async () => {
    const store = await opened();
    await writeLacked(store, content);
    await store.nameFile(0);
    damageByte(first(), 7);
    const again = await opened();
    expect([existsSync(first()), heldBy(again)]).toEqual([false, [1, 2]]);
    await expectCompleted(again);
    await store.close().catch(() => undefined);
  });

  test.runIf(onLinux)('the same where the journal has not kept that it was named', async () => {
    const store = await opened();
    await writeLacked(store, content);
    const before = statSync(`${root()}.journal`).size;
    await store.nameFile(0);
    truncateSync(`${root()}.journal`, before);
    damageByte(first(), 7);
    const again = await opened();
    expect([existsSync(first()), heldBy(again)]).toEqual([false, [1, 2]]);
    await expectCompleted(again);
    await store.close().catch(() => undefined);
  });
});

test('what was kept of a file for its neighbour is there after a kill, too, when it is chosen', async () => {
  const store = await opened([0]);
  await writeLacked(store, content);
  const again = await opened([0, 1]);
  expect(heldBy(again)).toEqual([0, 1]);
  await expectCompleted(again);
  await store.close().catch(() => undefined);
});
