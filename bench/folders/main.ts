import { closeSync, mkdirSync, openSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { writeTree } from '../../test/folders/tree.ts';
import { startTeam, writeRandomFile } from '../../test/support/team.ts';
import type { Bench, Contestant, Sample } from '../bench.ts';
import { cpuSecondsOf, peakRssMibOf } from '../processes.ts';

const GIB = 1024 ** 3;
/** The sparse folder's size; the figure wanted is that of 100. */
const SPARSE_GIB = Number(process.env['PEERAGE_BENCH_SPARSE_GIB'] ?? 100);

/** One folder: shared by one member, then fetched by another, as far as the patterns say. */
interface Work {
  readonly name: string;
  readonly sizeBytes: number;
  readonly make: (root: string) => void;
  readonly only: readonly string[];
}

const works: readonly Work[] = [
  {
    name: '10,000 files of 4 KB, all of them',
    sizeBytes: 10_000 * 4000,
    make: (root) =>
      writeTree(root, Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`d${at % 100}/f${at}`, 4000]))),
    only: [],
  },
  {
    name: `${SPARSE_GIB} GiB, nearly all of it a hole; its last 1 %`,
    sizeBytes: SPARSE_GIB * GIB,
    make: (root) => {
      mkdirSync(root);
      const hole = join(root, 'a-hole.img');
      closeSync(openSync(hole, 'w'));
      truncateSync(hole, Math.round(SPARSE_GIB * 0.99 * GIB));
      writeRandomFile(join(root, 'the-last.bin'), Math.round(SPARSE_GIB * 0.01 * 1024));
    },
    only: ['the-last.bin'],
  },
];

/** Processes are new in each run: their peak of memory is that of this run. */
async function shareAndFetch(folder: string, work: Work): Promise<Sample> {
  const team = await startTeam(2);
  try {
    const root = join(folder, 'shared');
    work.make(root);
    const [owner, member] = team.members;
    const cpuBefore = cpuSecondsOf(owner!.process.pid!);
    const startedMs = performance.now();
    await owner!.do('upload_file', root, 'team');
    const sharedMs = performance.now();
    const cpu = cpuSecondsOf(owner!.process.pid!) - cpuBefore;
    const only = work.only.flatMap((pattern) => ['--only', pattern]);
    await member!.do('download_file', 'team', 'shared', join(folder, 'fetched'), ...only);
    await member!.do('wait');
    return {
      shareSeconds: (sharedMs - startedMs) / 1000,
      shareGb: work.sizeBytes / 1e6 / (sharedMs - startedMs),
      shareCpu: cpu,
      fetchSeconds: (performance.now() - sharedMs) / 1000,
      ownerRss: peakRssMibOf(owner!.process.pid!),
      memberRss: peakRssMibOf(member!.process.pid!),
    };
  } finally {
    await team.stop();
    for (const name of ['shared', 'fetched']) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

export const bench: Bench = {
  about: 'folders: `upload_file` until it is listed, then `download_file` by another member until it is complete',
  figures: [
    { key: 'shareSeconds', title: 'share s', digits: 1 },
    { key: 'shareGb', title: 'share GB/s', digits: 2 },
    { key: 'shareCpu', title: 'share CPU s', digits: 1 },
    { key: 'fetchSeconds', title: 'fetch s', digits: 1 },
    { key: 'ownerRss', title: 'sharer MiB', digits: 0 },
    { key: 'memberRss', title: 'fetcher MiB', digits: 0 },
  ],
  async prepare({ folder, wants }) {
    const contestants: Contestant[] = works.map((work) => ({
      name: work.name,
      run: () => shareAndFetch(folder, work),
    }));
    return { contestants: contestants.filter(({ name }) => wants(name)), end: async () => undefined };
  },
};
