import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PIECE_BYTES } from '@peerage/bittorrent';
import { Sha1, updateTogether } from '@peerage/storage';
import { startTeam, writeRandomFile } from '../../test/support/team.ts';
import type { Bench } from '../bench.ts';
import { cpuSecondsOf } from '../processes.ts';

const MIB = 1024 * 1024;
const SIZE_MIB = 1024;

export const bench: Bench = {
  about:
    '`upload_file` of 1 GiB that is in memory: SHA-1 of every piece and of the whole file; beside it, what one core hashes: by Node, a piece and its file in one pass, 16 pieces side by side',
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
          const piece = Buffer.alloc(PIECE_BYTES);
          return byOneCore(1, () => hash.update(piece));
        },
      },
      { name: 'a piece and its file', run: async () => together(2, () => 0) },
      { name: '16 pieces at once', run: async () => together(16, (at) => at) },
    ];
    return { contestants: contestants.filter(({ name }) => wants(name)), end: () => team.stop() };
  },
};

/** `count` hashes at once, each of the piece that `pieceOf` names. */
function together(count: number, pieceOf: (at: number) => number): Record<string, number> {
  const pieces = Array.from({ length: count }, () => Buffer.alloc(PIECE_BYTES));
  const hashes = pieces.map(() => new Sha1());
  const parts = pieces.map((_, at) => pieces[pieceOf(at)]!);
  return byOneCore(count, () => updateTogether(hashes, parts));
}

/** `hash` hashes so many pieces; the bytes of all are counted. */
function byOneCore(pieces: number, hash: () => void): Record<string, number> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  for (let bytes = 0; bytes < SIZE_MIB * MIB; bytes += pieces * PIECE_BYTES) hash();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { gbPerSecond: (SIZE_MIB * MIB) / 1e9 / seconds, cpu: (user + system) / 1e6 };
}
