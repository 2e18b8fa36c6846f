import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { PIECE_BYTES } from '@peerage/bittorrent';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { contentOf, pieceOf } from '../compliance/content.ts';
import { heldBy, planFor, writePieces } from '../compliance/download.ts';
import { failureOf } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { OpenFile } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';
import type { DownloadStore } from './download-store.ts';
import { openDownload } from './open-download.ts';

const inFolder = testFolder();
const content = contentOf(PIECE_BYTES + 77);
const film = () => inFolder('film');
const opened = async (): Promise<DownloadStore> => (await openDownload(planFor(content, film()))).store;

afterEach(() => void vi.restoreAllMocks());

describe('of one download, at the same time', () => {
  test('the last sync waits for a checkpoint, whose failure is final', async () => {
    const store = await opened();
    await writePieces(store, content);
    const disk = Promise.withResolvers<void>();
    vi.spyOn(OpenFile.prototype, 'syncData').mockReturnValueOnce(disk.promise);
    const checkpoint = failureOf(store.checkpoint());
    await store.finish();
    const closed = failureOf(store.close());
    disk.reject(new StoreError('io', 'the disk failed'));
    expect([await checkpoint, await closed]).toEqual(['io', 'io']);
    // Whoever opens it next reads it again.
    expect(existsSync(`${film()}.journal`)).toBe(true);
  });

  test('what is being lost keeps the file from its name', async () => {
    const store = await opened();
    await writePieces(store, content);
    const losing = store.lose(store.geometry.piece(0)!);
    await expect(store.finish()).rejects.toThrow(RangeError);
    await losing;
    expect(await readdir(inFolder())).toEqual(['film.journal', 'film.part']);
    await store.close();
    const again = await opened();
    expect(heldBy(again)).toEqual([1]);
    await again.discard();
  });

  test('a file that is being named loses nothing any more', async () => {
    const store = await opened();
    await writePieces(store, content);
    const finishing = store.finish();
    await expect(store.lose(store.geometry.piece(0)!)).rejects.toThrow(RangeError);
    expect(await finishing).toBe(film());
    await store.close();
  });

  test('nothing is written to a piece that is stored: whoever names the file has noted when it changed last', async () => {
    const store = await opened();
    const written = vi.spyOn(OpenFile.prototype, 'write');
    const piece = store.geometry.piece(1)!;
    const bytes = pieceOf(content, store.geometry, piece);
    await Promise.all([store.writePiece(piece, bytes), store.writePiece(piece, bytes)]);
    expect(written.mock.calls.filter(([, offsetBytes]) => offsetBytes !== null)).toHaveLength(1);
    await store.discard();
  });

  test('what is lost is lost before it is written again', async () => {
    const store = await opened();
    const piece = store.geometry.piece(0)!;
    await writePieces(store, content, [0]);
    await Promise.all([store.lose(piece), writePieces(store, content, [0])]);
    expect(heldBy(store)).toEqual([0]);
    await store.close();
    const again = await opened();
    expect(heldBy(again)).toEqual([0]);
    await again.discard();
  });

  test('a failed note that a piece is lost does not make it durable', async () => {
    const store = await opened();
    await writePieces(store, content, [0, 1]);
    vi.spyOn(OpenFile.prototype, 'sync').mockRejectedValueOnce(new StoreError('io', 'the disk failed'));
    expect(await failureOf(store.lose(store.geometry.piece(0)!))).toBe('io');
    await store.close();
    const again = await opened();
    expect(heldBy(again)).toEqual([1]);
    await again.discard();
  });

  test('discarding what gets its name meanwhile leaves the file, and nothing else', async () => {
    const store = await opened();
    await writePieces(store, content);
    await Promise.all([store.finish(), store.discard()]);
    expect(await readdir(inFolder())).toEqual(['film']);
  });

  test('a piece kept twice while it closes is no defect', async () => {
    const store = await opened();
    const piece = store.geometry.piece(1)!;
    await store.writeUnverified(piece, pieceOf(content, store.geometry, piece));
    const closed = store.close();
    store.keepPiece(piece);
    store.keepPiece(piece);
    await closed;
  });
});
