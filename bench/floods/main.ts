import { type FloodName, floods, rssMibOf, startFlood } from '../../test/security/floods.ts';
import { SeederHouse } from '../../test/security/seeder-house.ts';
import type { Bench, Contestant } from '../bench.ts';

/** What an honest peer on a line of 256 Mbit/s asks for. */
const RATE = 32e6;
const WINDOW_MS = 4000;

export const bench: Bench = {
  about:
    "strangers' floods on a seeder's port: what a peer who asks for 32 MB/s gets meanwhile, of what it gets before and after; how much the seeder grows",
  figures: [
    { key: 'kept', title: 'kept of the rate, %', digits: 0 },
    { key: 'quietMegabytesPerSecond', title: 'MB/s in quiet', digits: 1 },
    { key: 'growthMib', title: 'seeder grows, MiB', digits: 1 },
  ],
  async prepare({ wants }) {
    const house = await SeederHouse.open({ sizeMib: 16 });
    const honest = await house.peer(await house.member('honest'));
    const rss = () => rssMibOf(house.seeder.process.pid!);
    /** Bytes a second that come in a while, and the most memory that the seeder has in it. */
    const look = async () => {
      const [bytes, startedAt] = [honest.bytes, performance.now()];
      let mostMib = 0;
      while (performance.now() - startedAt < WINDOW_MS) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        mostMib = Math.max(mostMib, rss());
      }
      return { rate: ((honest.bytes - bytes) * 1000) / (performance.now() - startedAt), mostMib };
    };
    await honest.served(2000);
    honest.pace(RATE);
    const run = async (name: FloodName) => {
      const before = await look();
      const stop = await startFlood(name, house.served.port);
      const flooded = await look();
      await stop();
      const after = await look();
      const quiet = (before.rate + after.rate) / 2;
      return {
        kept: (flooded.rate / quiet) * 100,
        quietMegabytesPerSecond: quiet / 1e6,
        growthMib: flooded.mostMib - before.mostMib,
      };
    };
    const contestants: Contestant[] = (Object.keys(floods) as FloodName[])
      .filter(wants)
      .map((name) => ({ name, run: () => run(name) }));
    return { contestants, end: () => house.close() };
  },
};
