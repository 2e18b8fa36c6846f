import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { Geometry } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { contentOf } from './compliance/content.ts';
import { planFor, writePieces } from './compliance/download.ts';
import { failureOf } from './compliance/piece-store.ts';
import { testFolder } from './compliance/test-folder.ts';
import { openDownload } from './download/open-download.ts';
import { identityOf } from './file-identity.ts';
import { hashFile } from './hashing/hash-file.ts';
import { resolveDestination } from './safe-path.ts';
import { SourceStore } from './source-store.ts';

const inFolder = testFolder();
const content = contentOf(1000);

/** Root may do anything: as root, the work is done as nobody. */
async function withoutRights<Result>(work: () => Promise<Result>): Promise<Result> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test('a source that may not be read', async () => {
  await chmod(inFolder(), 0o755);
  await writeFile(inFolder('file'), content);
  const expected = identityOf(await stat(inFolder('file'), { bigint: true }));
  const open = () => SourceStore.open(inFolder('file'), new Geometry(content.length), { expected, checkIntervalMs: 0 });
  const store = await withoutRights(open);
  await mkdir(inFolder('closed'), { mode: 0 });
  await chmod(inFolder('file'), 0);
  expect(await withoutRights(() => failureOf(open()))).toBe('permission');
  expect(await withoutRights(() => failureOf(hashFile(inFolder('file'))))).toBe('permission');
  expect(await withoutRights(() => failureOf(resolveDestination(inFolder('closed', 'x'), 'name')))).toBe('permission');
  // The folder was closed: whether the path still names the file can't be told.
  await chmod(inFolder(), 0);
  expect(await withoutRights(() => failureOf(store.readPiece(store.geometry.piece(0)!, new Uint8Array(1000))))).toBe(
    'permission',
  );
  await chmod(inFolder(), 0o755);
  await store.close();
});

test('a destination that may not be written', async () => {
  await mkdir(inFolder('folder'));
  await chmod(inFolder('folder'), 0o555);
  await chmod(inFolder(), 0o755);
  const plan = { ...planFor(content, inFolder('folder', 'file')), journal: inFolder('journal') };
  expect(await withoutRights(() => failureOf(openDownload(plan)))).toBe('permission');
  expect(await readdir(inFolder())).toEqual(['folder']);
  // A journal that can't be written leaves no partial file either.
  await mkdir(inFolder('open'));
  await chmod(inFolder('open'), 0o777);
  const elsewhere = { ...planFor(content, inFolder('open', 'file')), journal: inFolder('folder', 'journal') };
  expect(await withoutRights(() => failureOf(openDownload(elsewhere)))).toBe('permission');
  expect(await readdir(inFolder('open'))).toEqual([]);
});

test('a destination whose folder is closed before the end: the download goes on once it is open again', async () => {
  await mkdir(inFolder('folder'));
  await chmod(inFolder(), 0o755);
  await chmod(inFolder('folder'), 0o777);
  const plan = planFor(content, inFolder('folder', 'file'));
  const { store } = await withoutRights(() => openDownload(plan));
  await writePieces(store, content);
  await chmod(inFolder('folder'), 0o555);
  expect(await withoutRights(() => failureOf(store.finish()))).toBe('permission');
  await chmod(inFolder('folder'), 0o777);
  expect(await withoutRights(() => store.finish())).toBe(plan.destination);
  await store.close();
  expect(await readdir(inFolder('folder'))).toEqual(['file']);
});
