import type { Figure, Sample } from './bench.ts';
import type { Cost } from './processes.ts';

const GIB = 1024 ** 3;

export const transferFigures: readonly Figure[] = [
  { key: 'mbPerSecond', title: 'MB/s from start', digits: 0 },
  { key: 'mbPerSecondAfterFirst', title: 'MB/s after the first byte', digits: 0 },
  { key: 'seconds', title: 's', digits: 2 },
  { key: 'leecherCpu', title: 'CPU s/GiB leechers', digits: 2 },
  { key: 'seederCpu', title: 'seeders', digits: 2 },
  { key: 'cpu', title: 'all', digits: 2 },
  { key: 'rss', title: 'peak RSS leecher MiB', digits: 0 },
];

/** `copies`: how many leechers fetched the file; rates are of one file, processor time is for each GiB that arrived somewhere. */
export function transferSample(cost: Cost, sizeBytes: number, copies: number): Sample {
  const gib = (sizeBytes * copies) / GIB;
  return {
    mbPerSecond: sizeBytes / 1e6 / cost.wallSeconds,
    mbPerSecondAfterFirst: sizeBytes / 1e6 / cost.afterFirstByteSeconds,
    seconds: cost.wallSeconds,
    leecherCpu: cost.leecherCpuSeconds / gib,
    seederCpu: cost.seederCpuSeconds / gib,
    cpu: (cost.leecherCpuSeconds + cost.seederCpuSeconds) / gib,
    rss: cost.peakRssMib,
  };
}
