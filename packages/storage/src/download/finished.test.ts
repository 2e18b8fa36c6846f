import { appendFile, link, open, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { PIECE_BYTES } from '@peerage/bittorrent';
import { beforeEach, describe, expect, test } from 'vitest';
import { contentOf } from '../compliance/content.ts';
import { heldBy, planFor, writePieces } from '../compliance/download.ts';
import { failureOf } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { finishedLine } from './journal-lines.ts';
import { openDownload } from './open-download.ts';

const inFolder = testFolder();
const content = contentOf(3 * PIECE_BYTES + 1);
const plan = () => planFor(content, inFolder('film'));
const journal = () => inFolder('film.journal');

/** As after a stop between the final name and the last sync: pieces 0 and 1 checkpointed, the journal still there. */
beforeEach(async () => {
  const { store } = await openDownload(plan());
  await writePieces(store, content, [0, 1]);
  await store.checkpoint();
  await writePieces(store, content);
  const text = await readFile(journal());
  await store.finish();
  await store.close();
  await writeFile(journal(), text);
});

async function recordFinished(): Promise<void> {
  await appendFile(journal(), finishedLine((await stat(inFolder('film'), { bigint: true })).mtimeNs));
}

async function overwriteWithZeros(piece: number): Promise<void> {
  const handle = await open(inFolder('film'), 'r+');
  await handle.write(new Uint8Array(PIECE_BYTES), 0, PIECE_BYTES, piece * PIECE_BYTES);
  await handle.close();
}

describe('a download that got its final name, but perhaps not its last sync', () => {
  test.each([true, false])('is read again and finished (journal kept its last record: %s)', async (recorded) => {
    if (recorded) await recordFinished();
    for (let times = 0; times < 2; times++) {
      const { store, found, reread } = await openDownload(plan());
      expect([found, store.have.isFull, store.path]).toEqual(['finished', true, inFolder('film')]);
      expect(reread.pieces).toBe(times === 0 ? 2 : 0);
      // Stopped again before anything else happened.
      if (times === 0) await store.close();
      else expect(await store.finish()).toBe(inFolder('film'));
      if (times === 1) await store.close();
    }
    expect(await readdir(inFolder())).toEqual(['film']);
  });

  test('is completed where the stop was between its two names', async () => {
    await link(inFolder('film'), inFolder('film.part'));
    const { store, found } = await openDownload(plan());
    expect(found).toBe('finished');
    expect(await readdir(inFolder())).toEqual(['film', 'film.journal']);
    await store.finish();
    await store.close();
  });

  test('is a partial file again where the power cut took data', async () => {
    await overwriteWithZeros(2);
    await recordFinished();
    const { store, found, doubt } = await openDownload(plan());
    expect([found, doubt, heldBy(store)]).toEqual(['resumed', 'final_damaged', [0, 1, 3]]);
    expect(await readdir(inFolder())).toEqual(['film.journal', 'film.part']);
    await writePieces(store, content, [2]);
    await store.finish();
    await store.close();
    expect(Buffer.compare(await readFile(inFolder('film')), content)).toBe(0);
  });

  test('is a partial file again where the power cut took its end', async () => {
    await truncate(inFolder('film'), PIECE_BYTES + 5);
    await recordFinished();
    const { store, found, doubt } = await openDownload(plan());
    expect([found, doubt, heldBy(store)]).toEqual(['resumed', 'final_damaged', [0]]);
    await store.discard();
    expect(await readdir(inFolder())).toEqual([]);
  });

  test('is the user’s where it was changed since, and left alone', async () => {
    await recordFinished();
    await overwriteWithZeros(0);
    const later = new Date(Date.now() + 5000);
    await utimes(inFolder('film'), later, later);
    const before = await readFile(inFolder('film'));
    expect(await failureOf(openDownload(plan()))).toBe('changed');
    expect(await readdir(inFolder())).toEqual(['film']);
    expect(Buffer.compare(await readFile(inFolder('film')), before)).toBe(0);
    expect(await failureOf(openDownload(plan()))).toBe('destination_exists');
  });

  test('is recognised where only the journal is gone: whoever notes its end was stopped before', async () => {
    await rm(journal());
    const { store, found } = await openDownload(plan());
    expect([found, store.have.isFull]).toEqual(['finished', true]);
    expect(await store.finish()).toBe(inFolder('film'));
    await store.close();
    expect(await readdir(inFolder())).toEqual(['film']);
  });

  test('is not taken for another file of its size', async () => {
    await rm(journal());
    await overwriteWithZeros(1);
    expect(await failureOf(openDownload(plan()))).toBe('destination_exists');
    expect(await readdir(inFolder())).toEqual(['film']);
  });
});

test.each(['checkpoint', 'close'] as const)(
  'the journal stays behind the final name until %s has synced the file',
  async (how) => {
    await rm(inFolder('film'));
    await rm(journal());
    const { store } = await openDownload(plan());
    await writePieces(store, content);
    await store.finish();
    expect(await readdir(inFolder())).toEqual(['film', 'film.journal']);
    await store[how]();
    expect(await readdir(inFolder())).toEqual(['film']);
    await store.close();
  },
);
