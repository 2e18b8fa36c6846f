import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { contentOf } from './compliance/content.ts';
import { failureOf } from './compliance/piece-store.ts';
import { testFolder } from './compliance/test-folder.ts';
import { copyVerified } from './copy-file.ts';

const inFolder = testFolder();
const content = contentOf(100_000);
const sha1 = createHash('sha1').update(content).digest();

test('a copy has the content and nothing else is left', async () => {
  await writeFile(inFolder('source'), content);
  await copyVerified(inFolder('source'), inFolder('copy'), sha1);
  expect(Buffer.compare(await readFile(inFolder('copy')), content)).toBe(0);
  expect(await readdir(inFolder())).toEqual(['copy', 'source']);
});

test('a source that is not what was shared gives no copy', async () => {
  await writeFile(inFolder('source'), contentOf(100_000, 2));
  expect(await failureOf(copyVerified(inFolder('source'), inFolder('copy'), sha1))).toBe('changed');
  expect(await failureOf(copyVerified(inFolder('nowhere'), inFolder('copy'), sha1))).toBe('missing');
  expect(await readdir(inFolder())).toEqual(['source']);
});

test.each(['copy', 'copy.part'])('another file called %s is left as it is', async (name) => {
  await writeFile(inFolder('source'), content);
  await writeFile(inFolder(name), 'mine');
  expect(await failureOf(copyVerified(inFolder('source'), inFolder('copy'), sha1))).toBe('destination_exists');
  expect((await readdir(inFolder())).sort()).toEqual([name, 'source']);
  expect(await readFile(inFolder(name), 'utf8')).toBe('mine');
});

test('a folder that is not there, or may not be written', async () => {
  await writeFile(inFolder('source'), content);
  expect(await failureOf(copyVerified(inFolder('source'), inFolder('no', 'copy'), sha1))).toBe('missing');
  await mkdir(inFolder('closed'));
  await chmod(inFolder('closed'), 0o555);
  await chmod(inFolder(), 0o755);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    expect(await failureOf(copyVerified(inFolder('source'), inFolder('closed', 'copy'), sha1))).toBe('permission');
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});
