import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { contentOf } from '../compliance/content.ts';
import { planFor, writePieces } from '../compliance/download.ts';
import { failureOf } from '../compliance/piece-store.ts';
import { JournalFile, readJournal } from './journal-file.ts';
import { headerLines, storedLines } from './journal-lines.ts';
import { openDownload } from './open-download.ts';

/** A small disk of its own; only root may mount one. */
const disk = mkdtempSync(join(tmpdir(), 'peerage-disk-'));
const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', disk]).status === 0;
const content = contentOf(5 * PIECE_BYTES);

afterEach(async () => {
  spawnSync('/bin/mount', ['-o', 'remount,rw', disk]);
  for (const name of await readdir(disk)) await rm(join(disk, name), { recursive: true });
});
afterAll(() => {
  if (mounted) spawnSync('/bin/umount', [disk]);
  rmSync(disk, { recursive: true });
});

// Skipped where mounting a tmpfs is not allowed (no root): there is no other way to a full disk that harms nobody.
describe.skipIf(!mounted)('a disk that is full', () => {
  test('is noticed before anything is made', async () => {
    const before = await readdir(disk);
    expect(await failureOf(openDownload(planFor(contentOf(8 * PIECE_BYTES + 1), join(disk, 'film'))))).toBe('no_space');
    expect(await failureOf(openDownload(planFor(contentOf(9 * PIECE_BYTES), join(disk, 'film'))))).toBe('no_space');
    expect(await readdir(disk)).toEqual(before);
  });

  test('stops nothing for good: the same store goes on once there is space', async () => {
    const { store } = await openDownload(planFor(content, join(disk, 'film')));
    await writePieces(store, content, [0, 1]);
    await store.checkpoint();
    // Fills the disk to its last byte: the journal, too, finds no room.
    expect(spawnSync('/bin/dd', ['if=/dev/zero', `of=${join(disk, 'other')}`, 'bs=4096']).status).not.toBe(0);
    for (let times = 0; times < 3; times++) {
      expect(await failureOf(writePieces(store, content, [2]))).toBe('no_space');
      expect(store.have.count).toBe(2);
    }
    await rm(join(disk, 'other'));
    await writePieces(store, content, [3]);
    await store.close();

    // The piece that did not fit was announced to the journal, and taken back.
    const again = await openDownload(planFor(content, join(disk, 'film')));
    expect([again.found, again.store.have.count, again.reread.pieces]).toEqual(['resumed', 3, 0]);
    await writePieces(again.store, content);
    await again.store.finish();
    await again.store.close();
    expect(Buffer.compare(await readFile(join(disk, 'film')), content)).toBe(0);
    expect(await readdir(disk)).toEqual(['film']);
  });

  test('cuts no line of the journal in two with the next one', async () => {
    const geometry = new Geometry(10_000 * PIECE_BYTES);
    const header = { infoHash: '', sizeBytes: geometry.sizeBytes, destination: '', partInode: '', partBornNs: '' };
    const journal = await JournalFile.replace(join(disk, 'journal'), headerLines(header), false);
    expect(spawnSync('/bin/dd', ['if=/dev/zero', `of=${join(disk, 'other')}`, 'bs=4096']).status).not.toBe(0);
    // Longer than what is left of the journal's own page: half of it is written.
    const even = [...geometry.pieces()].filter((piece) => piece % 2 === 0);
    expect(await failureOf(journal.append(storedLines(even)))).toBe('no_space');
    expect((await readFile(join(disk, 'journal'))).length).toBe(4096);
    await rm(join(disk, 'other'));
    await journal.append(storedLines([geometry.piece(7)!]));
    await journal.close();
    const read = await readJournal(join(disk, 'journal'), geometry);
    expect([read?.stored.count, read?.stored.has(geometry.piece(7)!)]).toEqual([1, true]);
  });

  test('or read-only is told', async () => {
    mkdirSync(join(disk, 'folder'));
    await writeFile(join(disk, 'folder', 'film.part'), '');
    expect(spawnSync('/bin/mount', ['-o', 'remount,ro', disk]).status).toBe(0);
    expect(await failureOf(openDownload(planFor(content, join(disk, 'new'))))).toBe('read_only');
    expect(await failureOf(openDownload(planFor(content, join(disk, 'folder', 'film'))))).toBe('read_only');
  });
});
