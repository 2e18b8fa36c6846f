import type { Bench } from '../bench.ts';
import { transfers } from '../contestants/transfers.ts';
import { transferFigures } from '../transfer-figures.ts';

export const bench: Bench = {
  about:
    "1 GiB from 1 and 4 seeders to one leecher over loopback, to a new file; peerage: mutual TLS, from the command on; the others, and peerage's engine alone: plain TCP, from process start on",
  figures: transferFigures,
  prepare: (options) =>
    transfers(options, 1024, [
      { seeders: 1, leechers: 1, withPlain: true },
      { seeders: 4, leechers: 1, withPlain: true },
    ]),
};
