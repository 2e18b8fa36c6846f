import type { Bench } from '../bench.ts';
import { UPLINK_BYTES_PER_SECOND } from '../contestants/shaped-net.ts';
import { shapedFigures, shapedTransfers } from '../contestants/shaped-transfers.ts';

const SLOW_BYTES_PER_SECOND = 1_000_000;

export const bench: Bench = {
  about:
    '128 MiB from 4 seeders with 50 Mbit/s up each, in network namespaces of their own, to 1 leecher; one seeder killed at half time, or held to 1 MB/s',
  figures: shapedFigures,
  prepare: (options) =>
    shapedTransfers(options, { seeders: 4, leechers: 1, areLeechersLimited: false, sizeMib: 128 }, [
      {
        name: 'peerage, one killed at half time',
        linesNeeded: 0.5 / 4 + 0.5 / 3,
        run: async (house) => {
          const seconds = await house.fetch((one) => one.killSeederAtHalf());
          await house.bringSeederBack();
          return seconds;
        },
      },
      {
        name: 'peerage, one at 1 MB/s',
        linesNeeded: 1 / (3 + SLOW_BYTES_PER_SECOND / UPLINK_BYTES_PER_SECOND),
        run: async (house) => {
          await house.limitSeeder(`${SLOW_BYTES_PER_SECOND / 1e6}MB/s`);
          const seconds = await house.fetch();
          await house.limitSeeder('off');
          return seconds;
        },
      },
    ]),
};
