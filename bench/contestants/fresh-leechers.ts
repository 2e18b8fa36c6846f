import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { type Cost, costOf } from '../processes.ts';

interface Peer {
  readonly process: ChildProcess;
  stop(): Promise<unknown>;
}

/** What a transfer costs whose leechers are new processes: the clock begins before they start. `folder`, with all that they left, is removed. */
export async function costOfFreshLeechers<Leecher extends Peer>(options: {
  readonly seeders: readonly Peer[];
  readonly leecherCount: number;
  readonly sizeBytes: number;
  readonly folder: string;
  readonly start: (place: number) => Leecher;
  readonly done: (leecher: Leecher) => Promise<unknown>;
}): Promise<Cost> {
  const { seeders, leecherCount, sizeBytes, folder, start, done } = options;
  const leechers: Leecher[] = [];
  const pidsOf = (peers: readonly Peer[]) => peers.map(({ process }) => process.pid!);
  try {
    return await costOf(
      pidsOf(seeders),
      { before: [], after: () => pidsOf(leechers) },
      sizeBytes * leecherCount,
      async () => {
        for (let place = 0; place < leecherCount; place++) leechers.push(start(place));
        await Promise.all(leechers.map(done));
      },
    );
  } finally {
    await Promise.all(leechers.map((leecher) => leecher.stop()));
    rmSync(folder, { recursive: true });
  }
}
