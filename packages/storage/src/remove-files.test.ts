import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityOf } from './file-identity.ts';
import { ShareFiles } from './folder/share-files.ts';
import { lookAtFolder } from './folder/verify-folder.ts';
import { removeKnownFile, removeKnownFolder } from './remove-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-remove-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const markOf = (path: string) => JSON.stringify(identityOf(statSync(path, { bigint: true })));

test('a file goes while it is the one that is known, and stays when it is another', async () => {
  const path = join(folder, 'a.bin');
  writeFileSync(path, 'content');
  const known = markOf(path);
  utimesSync(path, 1, 1);
  expect(await removeKnownFile(path, known)).toEqual({ removed: 0, left: 1 });
  expect(await removeKnownFile(path, markOf(path))).toEqual({ removed: 1, left: 0 });
  expect(await removeKnownFile(path, known)).toEqual({ removed: 0, left: 0 });
  expect(readdirSync(folder)).toEqual([]);
});

test('of a folder only its own unchanged files go, and the folders that they leave empty', async () => {
  const root = join(folder, 'share');
  for (const made of ['sub/deep', 'empty', 'mine']) mkdirSync(join(root, made), { recursive: true });
  for (const file of ['one', 'sub/two', 'sub/deep/three', 'mine/four']) writeFileSync(join(root, file), file);
  const sha1 = new Uint8Array(20);
  const files = ShareFiles.of(
    ['one', 'sub/two', 'sub/deep/three', 'mine/four'].map((path) => ({
      path: path.split('/'),
      sizeBytes: path.length,
      sha1,
    })),
    [['empty']],
  );
  const known = await lookAtFolder({ root, files, known: '' });
  writeFileSync(join(root, 'one'), 'own'); // changed
  writeFileSync(join(root, 'mine', 'notes'), 'the user wrote this');
  expect(await removeKnownFolder(root, files, known)).toEqual({ removed: 3, left: 1 });
  expect(readdirSync(root, { recursive: true }).sort()).toEqual(['mine', 'mine/notes', 'one']);
});
