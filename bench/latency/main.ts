import type { Bench } from '../bench.ts';
import { transfers } from '../contestants/transfers.ts';

export const bench: Bench = {
  about: '1 MiB from 1 seeder: peerage from the command on, the others from process start on, until it is complete',
  figures: [{ key: 'seconds', title: 's', digits: 3 }],
  prepare: (options) => transfers(options, 1, [{ seeders: 1, leechers: 1 }]),
};
