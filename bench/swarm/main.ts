import type { Bench } from '../bench.ts';
import { transfers } from '../contestants/transfers.ts';
import { transferFigures } from '../transfer-figures.ts';

export const bench: Bench = {
  about: '256 MiB from 1 seeder to 5 leechers at once over loopback, until all have it',
  figures: transferFigures,
  prepare: (options) => transfers(options, 256, [{ seeders: 1, leechers: 5 }]),
};
