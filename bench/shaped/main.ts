import type { Bench } from '../bench.ts';
import { shapedFigures, shapedTransfers } from '../contestants/shaped-transfers.ts';

export const bench: Bench = {
  about:
    '128 MiB from 4 seeders with 50 Mbit/s up each, in network namespaces of their own, to 1 leecher; one seeder killed at half time, or held to 1 MB/s',
  figures: shapedFigures,
  prepare: (options) =>
    shapedTransfers(options, { seeders: 4, leechers: 1, areLeechersLimited: false, sizeMib: 128 }, [
      {
        name: 'peerage, one killed at half time',
        run: async (house) => {
          const seconds = await house.fetch((one) => one.killSeederAtHalf());
          await house.bringSeederBack();
          return seconds;
        },
      },
      {
        name: 'peerage, one at 1 MB/s',
        run: async (house) => {
          await house.limitSeeder('1MB/s');
          const seconds = await house.fetch();
          await house.limitSeeder('off');
          return seconds;
        },
      },
    ]),
};
