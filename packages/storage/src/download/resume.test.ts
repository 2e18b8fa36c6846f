import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { PIECE_BYTES } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../compliance/content.ts';
import { heldBy, planFor, writePieces } from '../compliance/download.ts';
import { failureOf } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { type DownloadPlan, type OpenedDownload, openDownload } from './open-download.ts';

const inFolder = testFolder();
const content = contentOf(3 * PIECE_BYTES + 1);
const plan = (): DownloadPlan => planFor(content, inFolder('film'));
const part = () => inFolder('film.part');
const journal = () => inFolder('film.journal');

/** A download stopped with pieces 0 and 3. */
async function stopped(): Promise<void> {
  const { store } = await openDownload(plan());
  await writePieces(store, content, [0, 3]);
  await store.close();
}

async function reopened(changes: Partial<DownloadPlan> = {}): Promise<unknown[]> {
  const opened: OpenedDownload = await openDownload({ ...plan(), ...changes });
  const seen = [opened.found, opened.doubt, heldBy(opened.store), opened.reread.pieces];
  await writePieces(opened.store, content);
  await opened.store.finish();
  await opened.store.close();
  expect(Buffer.compare(await readFile(inFolder('film')), content)).toBe(0);
  return seen;
}

describe('going on with a download', () => {
  test('after a clean stop reads nothing again', async () => {
    await stopped();
    expect(await reopened()).toEqual(['resumed', undefined, [0, 3], 0]);
  });

  test('knows what was lost while a checkpoint ran', async () => {
    const { store } = await openDownload(plan());
    await writePieces(store, content, [0, 3]);
    await Promise.all([store.checkpoint(), store.lose(store.geometry.piece(0)!)]);
    await store.close();
    expect(await reopened()).toEqual(['resumed', undefined, [3], 0]);
  });

  test('starts again where the partial file is gone', async () => {
    await stopped();
    await rm(part());
    expect(await reopened()).toEqual(['fresh', 'part_missing', [], 0]);
  });

  test('reads all of a partial file that the journal does not know: a restored copy', async () => {
    await stopped();
    await copyFile(part(), inFolder('copy'));
    await rename(inFolder('copy'), part());
    expect(await reopened()).toEqual(['resumed', 'part_unknown', [0, 3], 4]);
  });

  test.each([
    ['shorter', 3 * PIECE_BYTES - 1, [0]],
    ['longer', 9 * PIECE_BYTES, [0, 3]],
    ['empty', 0, []],
  ])('reads all of a partial file that is %s', async (_, sizeBytes, kept) => {
    await stopped();
    await truncate(part(), sizeBytes);
    expect(await reopened()).toEqual([kept.length > 0 ? 'resumed' : 'fresh', 'part_unknown', kept, 4]);
  });

  test('reads all of it where the journal is lost, damaged or another download’s', async () => {
    const losses: (() => Promise<unknown>)[] = [
      () => rm(journal()),
      () => writeFile(journal(), ''),
      () => writeFile(journal(), Buffer.alloc(300_000, 0xff)),
      async () => {
        const { store } = await openDownload({ ...plan(), destination: inFolder('other') });
        await store.close();
        await rm(inFolder('other.part'));
      },
    ];
    for (const lose of losses) {
      await stopped();
      await lose();
      expect(await reopened()).toEqual(['resumed', 'part_unknown', [0, 3], 4]);
      await rm(inFolder('film'));
    }
  });

  test('trusts no journal of another share', async () => {
    await stopped();
    expect((await reopened({ infoHash: 'ff'.repeat(20) }))[1]).toBe('part_unknown');
  });

  test('takes over a partial file that holds nothing yet', async () => {
    await writeFile(part(), '');
    expect(await reopened()).toEqual(['fresh', 'part_unknown', [], 4]);
  });

  test('can be cancelled while it reads', async () => {
    await stopped();
    await rm(journal());
    const cancelling = new AbortController();
    const seen: string[] = [];
    const opening = openDownload({
      ...plan(),
      signal: cancelling.signal,
      onProgress: (done, of) => {
        seen.push(`${done}/${of}`);
        if (done === 2) cancelling.abort(new Error('enough'));
      },
    });
    await expect(opening).rejects.toThrow('enough');
    expect(seen).toEqual(['1/4', '2/4']);
    expect(await reopened()).toEqual(['resumed', 'part_unknown', [0, 3], 4]);
  });
});

describe('a download is refused', () => {
  const refused = async (changes: Partial<DownloadPlan> = {}) => {
    const before = await readdir(inFolder());
    const failure = await failureOf(openDownload({ ...plan(), ...changes }));
    expect(await readdir(inFolder())).toEqual(before);
    return failure;
  };

  test('where something has its name', async () => {
    await writeFile(inFolder('film'), 'mine');
    expect(await refused()).toBe('destination_exists');
    await rm(inFolder('film'));
    await mkdir(inFolder('film'));
    expect(await refused()).toBe('destination_exists');
    await rm(inFolder('film'), { recursive: true });
    await symlink(inFolder('nowhere'), inFolder('film'));
    expect(await refused()).toBe('destination_exists');
  });

  test('where a foreign file, a folder, a link or a pipe has the partial name', async () => {
    for (const foreign of ['short', Buffer.alloc(content.length, 1), Buffer.alloc(content.length + 1)]) {
      await writeFile(part(), foreign);
      expect(await refused()).toBe('destination_exists');
      expect(Buffer.compare(await readFile(part()), Buffer.from(foreign))).toBe(0);
    }
    await rm(part());
    await mkdir(part());
    expect(await refused()).toBe('not_a_file');
    await rm(part(), { recursive: true });
    await writeFile(inFolder('target'), '');
    await symlink(inFolder('target'), part());
    expect(await refused()).toBe('not_a_file');
    expect(await readFile(inFolder('target'), 'utf8')).toBe('');
    await rm(part());
    execFileSync('/usr/bin/mkfifo', [part()]);
    expect(await refused()).toBe('not_a_file');
  });

  test('where its folder or its journal’s is none', async () => {
    expect(await refused({ destination: inFolder('absent', 'film') })).toBe('missing');
    await writeFile(inFolder('file'), '');
    expect(await refused({ destination: inFolder('file', 'film') })).toBe('missing');
    expect(await refused({ journal: inFolder('absent', 'journal') })).toBe('missing');
  });

  test('where a newer version wrote the journal', async () => {
    await stopped();
    const text = await readFile(journal(), 'utf8');
    await writeFile(journal(), text.replace('journal 1\n', 'journal 2\n'));
    expect(await refused()).toBe('newer_format');
  });

  test('at its end, where something got its name meanwhile; it ends once that is gone', async () => {
    const { store } = await openDownload(plan());
    await writePieces(store, content);
    await writeFile(inFolder('film'), 'mine');
    expect(await failureOf(store.finish())).toBe('destination_exists');
    expect(await readFile(inFolder('film'), 'utf8')).toBe('mine');
    await rm(inFolder('film'));
    expect(await store.finish()).toBe(inFolder('film'));
    await store.close();
    expect(await readdir(inFolder())).toEqual(['film']);
  });
});
