import type { Bench } from '../bench.ts';
import { shapedFigures, shapedTransfers } from '../contestants/shaped-transfers.ts';

export const bench: Bench = {
  about:
    '64 MiB from 1 seeder to 8 leechers at once, each with 50 Mbit/s up in a network namespace of its own, until all have it',
  figures: shapedFigures,
  prepare: (options) => shapedTransfers(options, { seeders: 1, leechers: 8, areLeechersLimited: true, sizeMib: 64 }),
};
