import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PIECE_BYTES } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { contentOf } from '../compliance/content.ts';
import { heldBy, planFor } from '../compliance/download.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { openDownload } from './open-download.ts';

const inFolder = testFolder();
/** More than all kills together store: each may leave one piece more than it promised. */
const content = contentOf(30 * PIECE_BYTES + 5);

async function runUntilKilled(moment: string): Promise<string[]> {
  const script = fileURLToPath(new URL('../compliance/killed-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, String(content.length), inFolder('film'), moment], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(signal).toBe('SIGKILL');
  return printed.split('\n').filter((word) => word !== '');
}

test('a process killed again and again loses no piece that it had stored, and shows no incomplete file', async () => {
  const promised = new Set<number>();
  for (const moment of ['1', '2', '4', '5', '6']) {
    for (const word of await runUntilKilled(moment)) promised.add(Number(word));
    expect((await readdir(inFolder())).sort()).toEqual(['film.journal', 'film.part']);
    const { store, found } = await openDownload(planFor(content, inFolder('film')));
    expect(found).toBe('resumed');
    const held = heldBy(store);
    for (const piece of promised) expect(held).toContain(piece);
    await store.close();
  }
  expect(promised.size).toBeGreaterThan(15);
  expect((await runUntilKilled('finished')).at(-1)).toBe('finished');
  expect((await readdir(inFolder())).sort()).toEqual(['film', 'film.journal']);
  const { store, found } = await openDownload(planFor(content, inFolder('film')));
  expect(found).toBe('finished');
  await store.finish();
  await store.close();
  expect(await readdir(inFolder())).toEqual(['film']);
  expect(Buffer.compare(await readFile(inFolder('film')), content)).toBe(0);
});
