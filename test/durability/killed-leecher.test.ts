import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { peerage, stopProcess } from '../../scripts/drive/peerage-process.ts';
import { sha1Of, startTeam, type Team, writeRandomFile } from '../support/team.ts';
import { storedBytes } from './on-disk.ts';
import { seededRandom } from './seeded-random.ts';
import { shareCopies } from './share-copies.ts';
import { until } from './until.ts';
import { WatchedName } from './watched-name.ts';

const SIZE_MIB = 1024;
const SIZE_BYTES = SIZE_MIB * 1024 * 1024;
const KILLS = 20;
/** Of these, so many come after a random time instead: at the start, at the login, while the partial file is read again. */
const KILLS_BY_TIME = 5;
/** Some 40 s where nothing else runs. */
const LIMIT_MS = 300_000;

let team: Team | undefined;
let watched: WatchedName | undefined;
let leecher: ChildProcess | undefined;
afterEach(async () => {
  if (leecher) await stopProcess(leecher, 'SIGKILL');
  await watched?.stop();
  await team?.stop();
  team = watched = leecher = undefined;
});

/** A client that nobody types at: what it does, it does by itself. */
function startAlone({ trackerInfo, home }: Team, place: number): ChildProcess {
  const words = ['client', '127.0.0.1:0', trackerInfo, '--home', home(place), '--stay'];
  return spawn(peerage, words, { stdio: ['pipe', 'ignore', 'ignore'] });
}

/** What the kernel counted that the process wrote, to whatever: sockets above all. Only Linux tells. */
function writtenBytes({ process: { pid } }: ClientProcess): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))![1]);
}

async function uploadedBytes(seeders: readonly ClientProcess[]): Promise<number> {
  const shares = await Promise.all(seeders.map(async (seeder) => (await seeder.do('shares')).shares));
  return shares.flat().reduce((total, { uploaded }) => total + uploaded, 0);
}

function randomOfThisRun(): () => number {
  const seed = Number(process.env['PEERAGE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.info(`PEERAGE_SEED=${seed}`);
  return seededRandom(seed);
}

test(
  '1 GiB arrives whole though its leecher is killed 20 times, and hardly a byte comes twice',
  async ({ signal }) => {
    const random = randomOfThisRun();
    team = await startTeam(3);
    const { members, folder, home } = team;
    const seeders = [members[0]!, members[1]!];
    const source = join(folder, 'files-0', 'big.bin');
    writeRandomFile(source, SIZE_MIB);
    linkSync(source, join(folder, 'files-1', 'big.bin'));
    const [{ sha1 }] = await Promise.all([
      seeders[0]!.do('upload_file', source, 'team'),
      seeders[1]!.do('upload_file', join(folder, 'files-1', 'big.bin'), 'team'),
    ]);

    mkdirSync(join(folder, 'into'));
    const destination = join(folder, 'into', 'big.bin');
    watched = new WatchedName(destination);
    const writtenBefore = process.platform === 'linux' ? seeders.map(writtenBytes) : undefined;

    const thresholds = Array.from({ length: KILLS }, () => (0.02 + 0.96 * random()) * SIZE_BYTES).sort((a, b) => a - b);
    const byTime = new Set<number>();
    while (byTime.size < KILLS_BY_TIME) byTime.add(1 + Math.floor(random() * (KILLS - 1)));
    await members[2]!.do('download_file', 'team', 'big.bin', destination);
    leecher = members[2]!.process;
    for (const [turn, threshold] of thresholds.entries()) {
      if (turn > 0) leecher = startAlone(team, 2);
      const moment = new AbortController();
      const ended = AbortSignal.any([signal, moment.signal]);
      const stored = until(ended, () => storedBytes(`${destination}.part`) >= threshold || existsSync(destination));
      const delay = byTime.has(turn) ? pause(50 + 1000 * random(), undefined, { signal: ended }) : stored;
      await Promise.race([stored, delay]);
      await stopProcess(leecher, 'SIGKILL');
      moment.abort();
      await Promise.allSettled([stored, delay]);
    }

    // Once more at the very end: the name is there, the last sync may be missing.
    leecher = startAlone(team, 2);
    await until(signal, () => existsSync(destination));
    await stopProcess(leecher, 'SIGKILL');
    const last = await team.restart(2);
    expect(await last.do('wait')).toEqual({ completed: 1, failed: 0 });
    expect(await sha1Of(destination)).toBe(sha1);
    expect(await watched.report()).toMatchObject({ appearances: 1, sizes: [SIZE_BYTES], sha1s: [sha1] });
    expect(readdirSync(join(folder, 'into'))).toEqual(['big.bin']);
    await until(signal, () => readdirSync(join(home(2), 'journals')).length === 0);
    await until(signal, async () => (await last.do('list_files', 'team')).files[0]!.seeders === 3);

    const uploaded = await uploadedBytes(seeders);
    const written =
      writtenBefore && seeders.reduce((total, seeder, at) => total + writtenBytes(seeder) - writtenBefore[at]!, 0);
    const ratio = (bytes: number) => (bytes / SIZE_BYTES).toFixed(4);
    console.info(
      `the seeders sent ${ratio(uploaded)} of the file's size${written ? `, wrote ${ratio(written)} to their sockets` : ''}`,
    );
    expect(uploaded / SIZE_BYTES).toBeGreaterThanOrEqual(1);
    expect(uploaded / SIZE_BYTES).toBeLessThan(1.05);
    if (written) expect(written / SIZE_BYTES).toBeLessThan(1.05);
  },
  LIMIT_MS,
);

test('a leecher that is killed within milliseconds of the end has a finished download afterwards', async ({
  signal,
}) => {
  const random = randomOfThisRun();
  team = await startTeam(2);
  const shared = await shareCopies(team, 'small.bin', 1, 1);
  for (let turn = 0; turn < 5; turn++) {
    const destination = join(team.folder, 'files-1', `copy-${turn}`);
    const killed = team.members[1]!;
    await killed.do('download_file', 'team', 'small.bin', destination);
    await until(signal, () => existsSync(destination));
    await pause(10 * random());
    await killed.stop('SIGKILL');
    const again = await team.restart(1);
    expect(await again.do('wait')).toEqual({ completed: 1, failed: 0 });
    expect(await sha1Of(destination)).toBe(shared.sha1);
    await until(signal, async () => (await again.do('shares')).shares[0]?.state === 'offered');
    await again.do('cancel_download', 'team', 'small.bin');
    await until(signal, async () => (await again.send('stop_share', 'team', 'small.bin')).ok);
  }
});
