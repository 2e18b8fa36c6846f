import { mkdir, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf, pieceOf } from '../compliance/content.ts';
import { filesOf, writeFolder } from '../compliance/folder.ts';
import { failureOf, readingCompliance } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { identityLine, identityText } from './folder-identity.ts';
import { FolderSource } from './folder-source.ts';
import type { ShareFiles } from './share-files.ts';

const inFolder = testFolder();
/** A file that ends within a piece, small ones, an empty one, one across pieces. */
const sizes = [PIECE_BYTES + 100, 5, 0, 7, 3 * PIECE_BYTES];
const content = contentOf(6 * PIECE_BYTES + 12345);
const files = filesOf(content, sizes);
const root = () => inFolder('shared');
const pathOf = (file: number) => join(root(), files.path(file));

async function share(bytes: Uint8Array, cut: ShareFiles, checkIntervalMs = 0): Promise<FolderSource> {
  await writeFolder(root(), bytes, cut);
  const lines = [];
  for (let file = 0; file < cut.count; file++) {
    const path = cut.path(file);
    lines.push(identityLine(await stat(join(root(), path), { bigint: true }), { shared: path, onDisk: path }));
  }
  const geometry = new Geometry(bytes.length);
  return new FolderSource({ root: root(), files: cut, geometry, expected: identityText(lines), checkIntervalMs });
}

async function read(store: FolderSource, at: number): Promise<void> {
  const piece = store.geometry.piece(at)!;
  const into = new Uint8Array(store.geometry.pieceLengthBytes(piece));
  await store.readPiece(piece, into);
  expect(Buffer.compare(into, pieceOf(content, store.geometry, piece))).toBe(0);
}

describe('folder source', () => {
  readingCompliance((bytes) => share(bytes, filesOf(bytes, sizes)));

  test('never writes, and discarding it leaves the files', async () => {
    const store = await share(content, files);
    expect(await failureOf(store.writePiece(store.geometry.piece(0)!, new Uint8Array(PIECE_BYTES)))).toBe('read_only');
    expect(await store.finish()).toBe(root());
    await store.checkpoint();
    await store.discard();
    for (let file = 0; file < files.count; file++) expect((await stat(pathOf(file))).size).toBe(files.sizeOf(file));
  });

  const changes: readonly [string, 'changed' | 'missing', () => Promise<unknown>][] = [
    ['a file of other content and the same size', 'changed', () => writeFile(pathOf(1), 'other')],
    ['a file touched', 'changed', () => utimes(pathOf(1), 1, 1)],
    ['a file cut short', 'changed', () => truncate(pathOf(1), 2)],
    ['a file grown', 'changed', () => writeFile(pathOf(1), 'more', { flag: 'a' })],
    ['an empty file filled', 'changed', () => writeFile(pathOf(2), 'more')],
    ['a file removed', 'missing', () => rm(pathOf(1))],
    ['the folder moved away', 'missing', () => rename(root(), inFolder('away'))],
  ];

  test.each(changes)('notices: %s', async (_, failure, change) => {
    const store = await share(content, files);
    await read(store, 1);
    await change();
    expect(await failureOf(store.check())).toBe(failure);
    await store.close();
  });

  test('a change of one file keeps nobody from the pieces of the others', async () => {
    const store = await share(content, files, 3_600_000);
    await read(store, 1);
    await writeFile(pathOf(1), 'other');
    expect(await failureOf(read(store, 1))).toBe('changed');
    await read(store, 0);
    await read(store, 3);
    await store.close();
  });

  test('a folder moved away and back is served again', async () => {
    const store = await share(content, files);
    await rename(root(), inFolder('away'));
    expect(await failureOf(read(store, 1))).toBe('missing');
    await mkdir(root());
    expect(await failureOf(read(store, 1))).toBe('missing');
    await rm(root(), { recursive: true });
    await rename(inFolder('away'), root());
    await read(store, 1);
    await store.check();
    await store.close();
  });

  test('what lies in the folder beside the files shared is of no interest', async () => {
    const store = await share(content, files);
    await writeFile(join(root(), 'new'), 'new');
    await store.check();
    await read(store, 0);
    await store.close();
  });

  test('an identity of another folder is refused', () => {
    const geometry = new Geometry(content.length);
    const other = { root: root(), files, geometry, expected: identityText(['1 1 1']) };
    expect(() => new FolderSource(other)).toThrow(RangeError);
  });
});
