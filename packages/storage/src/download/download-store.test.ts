import { constants } from 'node:fs';
import { readdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { Bitfield, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../compliance/content.ts';
import { heldBy, planFor, writePieces } from '../compliance/download.ts';
import { failureOf, writingCompliance } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { OpenFile } from '../open-file.ts';
import { DownloadStore } from './download-store.ts';
import { JournalFile } from './journal-file.ts';
import { writingLine } from './journal-lines.ts';
import { openDownload } from './open-download.ts';

const inFolder = testFolder();
const content = contentOf(2 * PIECE_BYTES + 1);
const film = () => inFolder('film.mkv');

describe('download store', () => {
  writingCompliance(async (sizeBytes) => (await openDownload(planFor(contentOf(sizeBytes), film()))).store);

  test('gives the file its name at the end, and leaves nothing else', async () => {
    const { store, found, doubt } = await openDownload(planFor(content, film()));
    expect([found, doubt]).toEqual(['fresh', undefined]);
    expect(await readdir(inFolder())).toEqual(['film.mkv.journal', 'film.mkv.part']);
    expect((await stat(inFolder('film.mkv.part'))).size).toBe(content.length);
    await writePieces(store, content);
    expect(store.path).toBe(inFolder('film.mkv.part'));
    expect(await store.finish()).toBe(film());
    expect(store.path).toBe(film());
    expect(await store.finish()).toBe(film());
    await store.close();
    expect(await readdir(inFolder())).toEqual(['film.mkv']);
    expect(Buffer.compare(await readFile(film()), content)).toBe(0);
  });

  test('discarding a finished download leaves the file', async () => {
    const { store } = await openDownload(planFor(content, film()));
    await writePieces(store, content);
    await store.finish();
    await store.discard();
    expect(await readdir(inFolder())).toEqual(['film.mkv']);
  });

  test('discarding leaves a foreign file under the partial name', async () => {
    const { store } = await openDownload(planFor(content, film()));
    await rename(inFolder('film.mkv.part'), inFolder('moved'));
    await writeFile(inFolder('film.mkv.part'), 'theirs');
    await store.discard();
    expect(await readdir(inFolder())).toEqual(['film.mkv.part', 'moved']);
  });

  test('files are as open as asked, journals are private', async () => {
    const modes: number[] = [];
    for (const fileMode of [0o640, 0o666]) {
      const { store } = await openDownload({ ...planFor(content, film()), fileMode });
      modes.push((await stat(store.path)).mode & 0o777, (await stat(inFolder('film.mkv.journal'))).mode & 0o777);
      await store.discard();
    }
    const { store } = await openDownload(planFor(content, film()));
    modes.push((await stat(store.path)).mode & 0o777);
    await store.discard();
    expect(modes).toEqual([0o640, 0o600, 0o666, 0o600, 0o666 & ~process.umask()]);
  });

  test('names of 255 bytes have a partial name that fits', async () => {
    for (const name of ['n'.repeat(250), 'n'.repeat(251), 'n'.repeat(255), 'é'.repeat(127), '😀'.repeat(63)]) {
      const plan = { ...planFor(content, inFolder(name)), journal: inFolder('journal') };
      const first = await openDownload(plan);
      await writePieces(first.store, content, [1]);
      await first.store.close();
      const { store, found } = await openDownload(plan);
      expect([found, heldBy(store)]).toEqual(['resumed', [1]]);
      await writePieces(store, content);
      expect(await store.finish()).toBe(inFolder(name));
      await store.close();
      expect(await readdir(inFolder())).toContain(name);
    }
    expect((await readdir(inFolder())).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('closing waits for writes under way and checkpoints them', async () => {
    const plan = planFor(content, film());
    const { store } = await openDownload(plan);
    const writing = writePieces(store, content, [0]);
    await store.close();
    await writing;
    const again = await openDownload(plan);
    expect([again.reread.pieces, heldBy(again.store)]).toEqual([0, [0]]);
    await again.store.discard();
  });

  test('a piece that somebody cut off is no piece', async () => {
    const { store } = await openDownload(planFor(content, film()));
    await writePieces(store, content);
    await truncate(store.path, PIECE_BYTES);
    expect(await failureOf(store.readPiece(store.geometry.piece(1)!, new Uint8Array(PIECE_BYTES)))).toBe('changed');
    await store.discard();
  });

  test('after a failed sync nothing is called durable any more, and the pieces are read again', async () => {
    const plan = planFor(content, film());
    const first = await openDownload(plan);
    await writePieces(first.store, content, [0]);
    await first.store.close();

    const have = Bitfield.empty(plan.geometry);
    const file = await OpenFile.open(inFolder('film.mkv.part'), constants.O_RDWR);
    const journal = await JournalFile.replace(inFolder('second.journal'), '', false);
    const inode = (await file.stat()).ino;
    const paths = { partPath: inFolder('film.mkv.part'), destination: film() };
    const store = new DownloadStore({ geometry: plan.geometry, have, file, inode, journal, ...paths, named: false });
    await writePieces(store, content, [1]);
    // The nearest to a disk that fails: its descriptor does.
    await file.close();
    expect(await failureOf(store.checkpoint())).toBe('io');
    expect(await failureOf(store.checkpoint())).toBe('io');
    expect(await failureOf(store.close())).toBe('io');
    expect(await failureOf(store.close())).toBe('io');
    expect(await readFile(inFolder('second.journal'), 'utf8')).toBe(writingLine(1 as PieceIndex));
  });
});
