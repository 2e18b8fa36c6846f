import { link, lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { moveFile } from './move-file.ts';

const inFolder = testFolder();

async function noLinks(): Promise<never> {
  throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
}

async function partial(): Promise<bigint> {
  await writeFile(inFolder('from'), 'content');
  return (await lstat(inFolder('from'), { bigint: true })).ino;
}

describe.each([
  ['with hard links', link],
  ['without hard links', noLinks],
] as const)('giving a file another name %s', (_, makeLink) => {
  test('moves it', async () => {
    await moveFile(inFolder('from'), inFolder('to'), await partial(), makeLink);
    expect(await readdir(inFolder())).toEqual(['to']);
    expect(await readFile(inFolder('to'), 'utf8')).toBe('content');
  });

  test('never overwrites', async () => {
    const inode = await partial();
    await writeFile(inFolder('to'), 'theirs');
    expect(await failureOf(moveFile(inFolder('from'), inFolder('to'), inode, makeLink))).toBe('destination_exists');
    expect(await readFile(inFolder('to'), 'utf8')).toBe('theirs');
    expect(await readFile(inFolder('from'), 'utf8')).toBe('content');
  });

  test('says what is missing', async () => {
    expect(await failureOf(moveFile(inFolder('from'), inFolder('to'), 1n, makeLink))).toBe('missing');
  });
});

test('a move that was stopped between its two steps is completed', async () => {
  const inode = await partial();
  await link(inFolder('from'), inFolder('to'));
  await moveFile(inFolder('from'), inFolder('to'), inode);
  expect(await readdir(inFolder())).toEqual(['to']);
});
