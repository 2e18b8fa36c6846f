import { join } from 'node:path';
import { type StockName, whyNotHere } from '../../scripts/drive/stock/stock-client.ts';
import { writeRandomFile } from '../../test/support/team.ts';
import type { BenchOptions, Contestant, Figure, Prepared } from '../bench.ts';
import { ShapedNet, UPLINK_BYTES_PER_SECOND } from './shaped-net.ts';
import { ShapedPeerage } from './shaped-peerage.ts';
import { fetchByStock } from './shaped-stock.ts';

export const shapedFigures: readonly Figure[] = [
  { key: 'seconds', title: 's until all have it', digits: 2 },
  { key: 'ratio', title: '× the fluid bound of the line', digits: 3 },
  { key: 'line', title: '% of the line', digits: 1 },
];

interface Crowd {
  readonly seeders: number;
  readonly leechers: number;
  readonly areLeechersLimited: boolean;
  readonly sizeMib: number;
}

/** What a contestant of the product does besides fetching. */
export interface Mishap {
  readonly name: string;
  /** How long one whole uplink would need for the share: what is left of the lines, for how much of it. Left out: as without a mishap. */
  readonly linesNeeded?: number;
  run(house: ShapedPeerage): Promise<number>;
}

/** The settings for high performance are for links that are faster than this: on narrow ones they only take part where a run is short. */
const stockNames = ({ areLeechersLimited }: Crowd): readonly StockName[] =>
  areLeechersLimited ? ['libtorrent', 'aria2'] : ['libtorrent', 'libtorrent-hp', 'aria2'];

/** One file from some seeders to some leechers over links of 50 Mbit/s up, by the product and by the established engines. */
export async function shapedTransfers(
  options: BenchOptions,
  crowd: Crowd,
  mishaps: readonly Mishap[] = [],
): Promise<Prepared> {
  const { seeders, leechers, areLeechersLimited, sizeMib } = crowd;
  const path = join(options.folder, 'content.bin');
  writeRandomFile(path, sizeMib);
  const sizeBytes = sizeMib * 1024 * 1024;
  const ups = seeders + (areLeechersLimited ? leechers : Number.POSITIVE_INFINITY);
  const sample = (seconds: number, linesNeeded = Math.max(1 / seeders, leechers / ups)) => {
    const boundSeconds = (linesNeeded * sizeBytes) / UPLINK_BYTES_PER_SECOND;
    return { seconds, ratio: seconds / boundSeconds, line: (100 * boundSeconds) / seconds };
  };
  const net = new ShapedNet(
    Array.from({ length: seeders + leechers }, (_, place) => place < seeders || areLeechersLimited),
  );
  const contestants: Contestant[] = [];
  let house: ShapedPeerage | undefined;
  const end = async () => {
    await house?.close();
    net.close();
  };
  try {
    const own: Mishap[] = [{ name: 'peerage', run: (peerage) => peerage.fetch() }, ...mishaps];
    for (const { name, linesNeeded, run } of own.filter(({ name }) => options.wants(name))) {
      house ??= await ShapedPeerage.open(net, join(options.folder, 'peerage'), path, seeders);
      const peerage = house;
      contestants.push({ name, run: async () => sample(await run(peerage), linesNeeded) });
    }
    for (const name of stockNames(crowd).filter((engine) => options.wants(engine))) {
      const missing = whyNotHere(name);
      if (missing === undefined) {
        const task = { net, folder: join(options.folder, name), path, seeders };
        contestants.push({ name, run: async () => sample(await fetchByStock(name, task)) });
      } else process.stderr.write(`  left out: ${missing}\n`);
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { contestants, end };
}
