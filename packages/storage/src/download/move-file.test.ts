import { link, lstat, readdir, readFile, rename, writeFile } from 'node:fs/promises';
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
    await expect(moveFile(inFolder('from'), inFolder('to'), 1n, makeLink)).rejects.toMatchObject({
      failure: 'missing',
      message: expect.stringMatching(/from was removed or moved away by another program: /),
    });
    await expect(moveFile(inFolder('no', 'from'), inFolder('no', 'to'), 1n, makeLink)).rejects.toMatchObject({
      failure: 'missing',
      message: expect.stringMatching(/^the folder .*no is not there any more: make it again/),
    });
  });

  test('never gives the name to another file', async () => {
    const inode = await partial();
    await rename(inFolder('from'), inFolder('away'));
    await writeFile(inFolder('from'), 'theirs');
    expect(await failureOf(moveFile(inFolder('from'), inFolder('to'), inode, makeLink))).toBe('changed');
    expect((await readdir(inFolder())).sort()).toEqual(['away', 'from']);
  });
});

test('a move that was stopped between its two steps is completed', async () => {
  const inode = await partial();
  await link(inFolder('from'), inFolder('to'));
  await moveFile(inFolder('from'), inFolder('to'), inode);
  expect(await readdir(inFolder())).toEqual(['to']);
});
