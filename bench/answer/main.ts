import { join } from 'node:path';
import { writeRandomFile } from '../../test/support/team.ts';
import type { Bench } from '../bench.ts';
import { PeerageHouse } from '../contestants/peerage.ts';

const SIZE_MIB = 1024;

export const bench: Bench = {
  about:
    '`show_downloads` and `list_files` (which asks the tracker) in the shell of a client that fetches 1 GiB at full speed',
  figures: [
    { key: 'localP99Ms', title: 'show_downloads, 99 of 100 within ms', digits: 1 },
    { key: 'localMostMs', title: 'longest', digits: 1 },
    { key: 'trackerP99Ms', title: 'list_files, 99 of 100 within ms', digits: 1 },
    { key: 'trackerMostMs', title: 'longest', digits: 1 },
    { key: 'seconds', title: 'download s', digits: 2 },
  ],
  async prepare({ folder }) {
    const path = join(folder, 'content.bin');
    writeRandomFile(path, SIZE_MIB);
    const house = await PeerageHouse.open(path, 1, 1);
    const run = async () => {
      const local: number[] = [];
      const tracker: number[] = [];
      const cost = await house.fetch(async (leecher) => {
        const timed = async (into: number[], ask: () => Promise<unknown>) => {
          const asked = performance.now();
          await ask();
          into.push(performance.now() - asked);
        };
        for (let isOver = false; !isOver; ) {
          await timed(local, async () => {
            const { downloads } = await leecher.do('show_downloads');
            isOver = downloads.every(({ state }) => state === 'C'); // those of earlier rounds are still listed
          });
          await timed(tracker, () => leecher.do('list_files', 'team'));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      });
      const at = (values: number[], part: number) =>
        values.toSorted((left, right) => left - right)[Math.ceil(values.length * part) - 1]!;
      return {
        localP99Ms: at(local, 0.99),
        localMostMs: at(local, 1),
        trackerP99Ms: at(tracker, 0.99),
        trackerMostMs: at(tracker, 1),
        seconds: cost.wallSeconds,
      };
    };
    return { contestants: [{ name: 'peerage, 1 → 1', run }], end: () => house.close() };
  },
};
