import { join } from 'node:path';
import { type StockName, whyNotHere } from '../../scripts/drive/stock/stock-client.ts';
import { writeRandomFile } from '../../test/support/team.ts';
import type { BenchOptions, Contestant, Prepared } from '../bench.ts';
import type { Cost } from '../processes.ts';
import { transferSample } from '../transfer-figures.ts';
import { PeerageHouse } from './peerage.ts';
import { PlainHouse } from './plain.ts';
import { StockHouse } from './stock.ts';

const stockNames: readonly StockName[] = ['libtorrent', 'libtorrent-hp', 'aria2'];

interface Crowd {
  readonly seeders: number;
  readonly leechers: number;
  /** The product's engine without TLS, too, though no command of the product does that. */
  readonly withPlain?: boolean;
}

/** One file from some seeders to some leechers, by the product and by every established engine that is installed, for each crowd. */
export async function transfers(options: BenchOptions, sizeMib: number, crowds: readonly Crowd[]): Promise<Prepared> {
  const path = join(options.folder, 'content.bin');
  writeRandomFile(path, sizeMib);
  const contestants: Contestant[] = [];
  const ends: (() => Promise<void>)[] = [];
  const add = (name: string, leechers: number, house: { fetch(): Promise<Cost>; close(): Promise<void> }) => {
    ends.push(() => house.close());
    const run = async () => transferSample(await house.fetch(), sizeMib * 1024 * 1024, leechers);
    contestants.push({ name, run });
  };
  const end = async () => {
    for (const stop of ends) await stop();
  };
  try {
    for (const { seeders, leechers, withPlain = false } of crowds) {
      const of = (engine: string) => `${engine}, ${seeders} → ${leechers}`;
      if (options.wants(of('peerage'))) {
        add(of('peerage'), leechers, await PeerageHouse.open(path, seeders, leechers));
      }
      const plain = of('peerage engine on plain TCP (no such command yet)');
      if (withPlain && options.wants(plain)) {
        const folder = join(options.folder, `plain-${seeders}-${leechers}`);
        add(plain, leechers, await PlainHouse.open(folder, path, seeders, leechers));
      }
      for (const engine of stockNames) {
        if (!options.wants(of(engine))) continue;
        const missing = whyNotHere(engine);
        if (missing !== undefined) process.stderr.write(`  left out: ${missing}\n`);
        else {
          const folder = join(options.folder, `${engine}-${seeders}-${leechers}`);
          add(of(engine), leechers, await StockHouse.open(engine, folder, path, seeders, leechers));
        }
      }
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { contestants, end };
}
