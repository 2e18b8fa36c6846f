import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PIECE_BYTES } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf, pieceOf } from '../compliance/content.ts';
import { bytesOf, filesOf, folderPlan, writeFolder, writeLacked } from '../compliance/folder.ts';
import { failureOf, writingCompliance } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import type { FolderDownload } from './folder-download.ts';
import { openFolderDownload } from './open-folder-download.ts';

const inFolder = testFolder();
const target = () => inFolder('photos');
/** Small files, one that begins inside a piece and ends in another, empty ones, and a last piece of one byte. */
const content = contentOf(5 * PIECE_BYTES + 1);
const sizes = [10, 0, 100, PIECE_BYTES, 0, 7, 2 * PIECE_BYTES + 3];
const files = filesOf(content, sizes);
const all = Array.from({ length: files.count }, (_, file) => file);

const open = (chosen?: readonly number[]) => openFolderDownload(folderPlan(content, files, target(), chosen));

async function expectFiles(chosen: readonly number[] = all): Promise<void> {
  for (const file of chosen) {
    const found = await readFile(join(target(), files.path(file)));
    expect(Buffer.compare(found, bytesOf(content, files, file)), files.path(file)).toBe(0);
  }
}

async function readBack(store: FolderDownload): Promise<void> {
  for (const piece of store.geometry.pieces()) {
    if (!store.have.has(piece)) continue;
    const into = new Uint8Array(store.geometry.pieceLengthBytes(piece));
    await store.readPiece(piece, into);
    expect(Buffer.compare(into, pieceOf(content, store.geometry, piece))).toBe(0);
  }
}

describe('folder download', () => {
  writingCompliance(async (sizeBytes) => {
    const bytes = contentOf(sizeBytes);
    const plan = folderPlan(bytes, filesOf(bytes, [1, 0, 700_000, 3, PIECE_BYTES]), target());
    return (await openFolderDownload(plan)).store;
  });

  test('gives the files their names at the end, makes empty files and folders, and leaves nothing else', async () => {
    const { store, mapped } = await open();
    expect(mapped).toBe(false);
    expect((await readdir(target())).filter((name) => !name.startsWith('.'))).toEqual([]);
    await writeLacked(store, content);
    expect(store.progress).toMatchObject({ doneBytes: content.length, doneFiles: 0, files: files.count });
    expect(await store.finish()).toBe(target());
    expect(store.isWhole).toBe(true);
    await store.close();
    await expectFiles();
    expect((await stat(join(target(), 'empty', 'folder'))).isDirectory()).toBe(true);
    expect((await readdir(target())).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await readdir(inFolder())).toEqual(['photos']);
  });

  test('names a file as soon as it is whole, and takes no piece for it from then on', async () => {
    const { store } = await open();
    const whole: number[] = [];
    store.onWhole = (file) => whole.push(file);
    await store.writePiece(store.geometry.piece(0)!, pieceOf(content, store.geometry, store.geometry.piece(0)!));
    expect(whole).toEqual([0, 2]);
    await store.nameFile(0);
    await expectFiles([0]);
    await expect(store.nameFile(3)).rejects.toThrow(RangeError);
    await readBack(store);
    await writeLacked(store, content);
    await store.finish();
    await store.close();
    await expectFiles();
  });

  test('of chosen files fetches only their pieces, serves those whole, and takes the rest later', async () => {
    const { store } = await open([2, 5]);
    expect(await writeLacked(store, content)).toEqual([0, 1]);
    expect(store.progress).toMatchObject({ chosenBytes: 107, doneBytes: 107, chosenFiles: 2 });
    await store.finish();
    expect(store.isWhole).toBe(false);
    await readBack(store);
    await store.close();
    await expectFiles([2, 5]);
    await expect(stat(join(target(), files.path(0)))).rejects.toThrow('ENOENT');

    const again = await open([2, 5]);
    expect([again.rereadPieces, again.store.have.count, again.store.progress.doneFiles]).toEqual([0, 2, 2]);
    await readBack(again.store);
    await again.store.close();

    const rest = await open();
    expect(rest.store.have.count).toBe(2);
    expect(await writeLacked(rest.store, content)).toEqual([2, 3, 4, 5]);
    await rest.store.finish();
    await rest.store.close();
    await expectFiles();
    expect((await readdir(target())).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('goes on where it was closed, without reading again', async () => {
    const first = await open();
    for (const piece of [0, 2, 5]) {
      const index = first.store.geometry.piece(piece)!;
      await first.store.writePiece(index, pieceOf(content, first.store.geometry, index));
    }
    await first.store.nameFile(0);
    await first.store.close();
    const { store, rereadPieces } = await open();
    expect([rereadPieces, store.have.count, store.progress.doneFiles]).toEqual([0, 3, 1]);
    await readBack(store);
    await store.discard();
    // What is complete under its name stays.
    expect(await readdir(inFolder())).toEqual(['photos']);
    expect(await readdir(target())).toEqual([files.path(0)]);
  });

  test('discarding leaves nothing where nothing was complete', async () => {
    const { store } = await open();
    await store.writePiece(store.geometry.piece(3)!, pieceOf(content, store.geometry, store.geometry.piece(3)!));
    await store.discard();
    expect(await readdir(inFolder())).toEqual([]);
  });

  test('takes over files that are there already and right, and overwrites none that is not', async () => {
    await writeFolder(target(), content, files);
    await rm(join(target(), files.path(6)));
    await writeFile(join(target(), 'theirs.txt'), 'theirs');
    const { store } = await open();
    expect(store.progress.doneFiles).toBe(files.count - 1);
    expect((await writeLacked(store, content)).length).toBeLessThan(5);
    await store.finish();
    await store.close();
    await expectFiles();
    expect(await readFile(join(target(), 'theirs.txt'), 'utf8')).toBe('theirs');

    await writeFile(join(target(), files.path(0)), '0123456789');
    expect(await failureOf(open())).toBe('destination_exists');
    expect(await readFile(join(target(), files.path(0)), 'utf8')).toBe('0123456789');
  });

  test('a file that appears under a name while it comes in is left alone', async () => {
    const { store } = await open();
    await writeLacked(store, content);
    await writeFile(join(target(), files.path(3)), 'theirs');
    expect(await failureOf(store.finish())).toBe('destination_exists');
    expect(await readFile(join(target(), files.path(3)), 'utf8')).toBe('theirs');
    await rm(join(target(), files.path(3)));
    await store.finish();
    await store.close();
    await expectFiles();
  });

  test('writes nothing through links', async () => {
    await mkdir(inFolder('outside'));
    const { store } = await open();
    await writeLacked(store, content);
    await symlink(inFolder('outside'), join(target(), dirname(files.path(2)).split('/')[0]!));
    expect(await failureOf(store.finish())).toBe('destination_exists');
    expect(await readdir(inFolder('outside'))).toEqual([]);
    await store.discard();
  });

  test('serves nothing of a named file that was changed, and says so at the next start', async () => {
    const { store } = await open();
    const first = store.geometry.piece(0)!;
    await store.writePiece(first, pieceOf(content, store.geometry, first));
    await store.nameFile(0);
    await utimes(join(target(), files.path(0)), 1, 1);
    expect(await failureOf(store.readPiece(first, new Uint8Array(PIECE_BYTES)))).toBe('changed');
    await store.close();
    await writeFile(join(target(), files.path(0)), 'theirs');
    expect(await failureOf(open())).toBe('changed');
    await rename(join(target(), files.path(0)), inFolder('moved'));
    const again = await open();
    expect(again.store.have.has(first)).toBe(false);
    await writeLacked(again.store, content);
    await again.store.finish();
    await again.store.close();
    await expectFiles();
  });

  test('a piece that is lost takes the names of its files back until it was fetched again', async () => {
    const { store } = await open([0, 2, 3]);
    await writeLacked(store, content);
    await store.finish();
    await store.lose(store.geometry.piece(0)!);
    await expect(stat(join(target(), files.path(2)))).rejects.toThrow('ENOENT');
    expect(store.progress).toMatchObject({ doneFiles: 0, doneBytes: PIECE_BYTES - (PIECE_BYTES - 110) });
    expect(await writeLacked(store, content)).toEqual([0]);
    await store.finish();
    await store.close();
    await expectFiles([0, 2, 3]);
    const again = await open([0, 2, 3]);
    expect(again.store.progress.doneFiles).toBe(3);
    await again.store.close();
  });

  test('a piece that is lost while a checkpoint runs is lost at the next start too', async () => {
    const { store } = await open([0, 2, 3]);
    await writeLacked(store, content);
    await store.finish(); // its checkpoint goes on behind the answer
    const lost = store.geometry.piece(0)!;
    await store.lose(lost);
    await store.close();
    const again = await open([0, 2, 3]);
    expect(again.store.have.has(lost)).toBe(false);
    await again.store.discard();
  });

  test('needs room only for what is chosen, and refuses names that are its own', async () => {
    const hidden = filesOf(content, []);
    const evil = folderPlan(content, hidden, target());
    const named = Object.assign(Object.create(Object.getPrototypeOf(hidden)), hidden);
    named.path = () => '.peerage-0123456789abcdef.part/0.part';
    Object.defineProperty(named, 'count', { value: 1 });
    expect(await failureOf(openFolderDownload({ ...evil, files: named }))).toBe('unsafe_name');
  });
});
