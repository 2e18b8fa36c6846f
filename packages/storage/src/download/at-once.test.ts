import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PIECE_BYTES } from '@peerage/bittorrent';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { playAtOnce, playForSeconds, type Subject, sections } from '../compliance/at-once.ts';
import { contentOf } from '../compliance/content.ts';
import { planFor, writePieces } from '../compliance/download.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { damageByte, openBelow, WatchedDisk } from '../compliance/watched-disk.ts';
import type { DownloadStore } from './download-store.ts';
import { openDownload } from './open-download.ts';

const inFolder = testFolder();
const content = contentOf(3 * PIECE_BYTES + 77);
const opened = async (film: string): Promise<DownloadStore> => (await openDownload(planFor(content, film))).store;

const subjectOf = (store: DownloadStore, film: string): Subject => ({
  store,
  damage: (piece, by) => damageByte(store.path, store.geometry.pieceOffsetBytes(piece), by),
  isFinal: () => store.path === film,
});

// The times of a file are put back to the nanosecond there.
test.skipIf(process.platform !== 'linux')(
  'whatever is done at once and however it ends, what a download of one file has is right, and what is durable stays',
  async () => {
    let run = 0;
    await playForSeconds([sections(4), fc.integer({ min: 1 })], async (script, seed) => {
      const folder = inFolder(`${run++}.`);
      mkdirSync(folder);
      const film = join(folder, 'film');
      const disk = new WatchedDisk(seed);
      const leftovers = () => readdirSync(folder).filter((name) => name !== 'film');
      try {
        await playAtOnce({
          content,
          folder,
          disk,
          sections: script,
          open: async () => subjectOf(await opened(film), film),
          expectNothingWrong() {
            if (existsSync(film)) expect(Buffer.compare(readFileSync(film), content), 'the final name').toBe(0);
          },
          leftovers,
        });
        const store = await opened(film);
        await writePieces(store, content);
        await store.finish();
        await store.close();
      } finally {
        disk.restore();
      }
      expect(Buffer.compare(await readFile(film), content)).toBe(0);
      expect([leftovers(), openBelow(folder)]).toEqual([[], []]);
    });
  },
);
