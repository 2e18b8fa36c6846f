import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Sha1, updateTogether } from '@peerage/storage';
import { startTeam, writeRandomFile } from '../../test/support/team.ts';
import type { Bench } from '../bench.ts';
import { cpuSecondsOf } from '../processes.ts';

const MIB = 1024 * 1024;
const SIZE_MIB = 1024;

export const bench: Bench = {
  about:
    '`upload_file` of 1 GiB that is in memory: SHA-1 of every piece and of the whole file; beside it, SHA-1 of one core',
  figures: [
    { key: 'gbPerSecond', title: 'GB/s', digits: 2 },
    { key: 'cpu', title: 'CPU s/GiB', digits: 2 },
  ],
  async prepare({ folder, wants }) {
    const path = join(folder, 'content.bin');
    writeRandomFile(path, SIZE_MIB);
    const team = await startTeam(1);
    const [member] = team.members;
    const contestants = [
      {
        name: 'upload_file',
        async run() {
          const cpuBefore = cpuSecondsOf(member!.process.pid!);
          const started = performance.now();
          await member!.do('upload_file', path, 'team');
          const seconds = (performance.now() - started) / 1000;
          const cpu = cpuSecondsOf(member!.process.pid!) - cpuBefore;
          await member!.do('remove_file', 'team', 'content.bin');
          return { gbPerSecond: (SIZE_MIB * MIB) / 1e9 / seconds, cpu };
        },
      },
      {
        name: 'SHA-1, one core',
        async run() {
          const hash = createHash('sha1');
          const block = Buffer.alloc(MIB / 2);
          const cpuBefore = process.cpuUsage();
          const started = performance.now();
          for (let done = 0; done < SIZE_MIB * 2; done++) hash.update(block);
          hash.digest();
          const seconds = (performance.now() - started) / 1000;
          const { user, system } = process.cpuUsage(cpuBefore);
          return { gbPerSecond: (SIZE_MIB * MIB) / 1e9 / seconds, cpu: (user + system) / 1e6 };
        },
      },
      { name: 'a piece and its file', run: async () => together(2, () => 0) },
      { name: '16 pieces at once', run: async () => together(16, (at) => at) },
    ];
    return { contestants: contestants.filter(({ name }) => wants(name)), end: () => team.stop() };
  },
};

/** `count` hashes at once by one core, each of the piece that `pieceOf` names; the bytes of all are counted. */
function together(count: number, pieceOf: (at: number) => number): Record<string, number> {
  const pieces = Array.from({ length: count }, () => Buffer.alloc(MIB / 2));
  const hashes = pieces.map(() => new Sha1());
  const parts = pieces.map((_, at) => pieces[pieceOf(at)]!);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  for (let done = 0; done < SIZE_MIB * 2; done += count) updateTogether(hashes, parts);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { gbPerSecond: (SIZE_MIB * MIB) / 1e9 / seconds, cpu: (user + system) / 1e6 };
}
