import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PIECE_BYTES } from '@peerage/bittorrent';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { playAtOnce, playForSeconds, type Subject, sections } from '../compliance/at-once.ts';
import { contentOf } from '../compliance/content.ts';
import { bytesOf, filesOf, folderPlan, writeLacked } from '../compliance/folder.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { damageByte, openBelow, WatchedDisk } from '../compliance/watched-disk.ts';
import type { FolderDownload } from './folder-download.ts';
import { openFolderDownload } from './open-folder-download.ts';
import { borderPath, partOf } from './staging.ts';

const inFolder = testFolder();
const content = contentOf(3 * PIECE_BYTES + 77);
const files = filesOf(content, [10, 0, 700_000, 5, PIECE_BYTES, 3]);
const all = Array.from({ length: files.count }, (_, file) => file);

const opened = (root: string, chosen: readonly number[]) =>
  openFolderDownload(folderPlan(content, files, root, chosen));

function subjectOf(store: FolderDownload, staging: string, root: string): Subject {
  return {
    store,
    damage(piece, by) {
      const { file, fileOffsetBytes } = files.segmentsOf(piece, store.geometry)[0]!;
      const named = join(root, files.path(file));
      if (!store.isChosen(file)) damageByte(borderPath(staging), files.offsetOf(file) + fileOffsetBytes, by);
      else damageByte(existsSync(named) ? named : partOf(staging, file), fileOffsetBytes, by);
    },
    isFinal: (isFinished) => isFinished && store.isWhole,
    nameOne(pick) {
      const whole = [...store.wholeFiles()];
      return whole.length > 0 ? store.nameFile(whole[pick % whole.length]!) : undefined;
    },
  };
}

// The times of a file are put back to the nanosecond there.
test.skipIf(process.platform !== 'linux')(
  'whatever is done at once and however it ends, what a download of a folder has is right, and what is durable stays',
  async () => {
    let run = 0;
    const wider = fc.array(fc.subarray(all), { minLength: 4, maxLength: 4 });
    await playForSeconds([sections(4), wider, fc.integer({ min: 1 })], async (script, choices, seed) => {
      const folder = inFolder(`${run++}.`);
      mkdirSync(folder);
      const root = join(folder, 'root');
      const disk = new WatchedDisk(seed);
      const chosenIn = (round: number) => [...new Set(choices.slice(0, round + 1).flat())];
      const leftovers = () => [
        ...(existsSync(root) ? readdirSync(root).filter((name) => name.startsWith('.')) : []),
        ...readdirSync(folder).filter((name) => name !== 'root'),
      ];
      const expectNothingWrong = () => {
        for (const file of all) {
          const path = join(root, files.path(file));
          if (existsSync(path)) expect(Buffer.compare(readFileSync(path), bytesOf(content, files, file)), path).toBe(0);
        }
      };
      try {
        await playAtOnce({
          content,
          folder,
          disk,
          sections: script,
          async open(round) {
            const { store, staging } = await opened(root, chosenIn(round));
            return subjectOf(store, staging, root);
          },
          expectNothingWrong,
          leftovers,
        });
        const { store } = await opened(root, all);
        await writeLacked(store, content);
        await store.finish();
        await store.close();
      } finally {
        disk.restore();
      }
      expectNothingWrong();
      for (const file of all) expect(existsSync(join(root, files.path(file)))).toBe(true);
      expect([leftovers(), openBelow(folder)]).toEqual([[], []]);
    });
  },
);
