import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { downloadUntil, sha1Of, startTeam, type Team } from '../support/team.ts';
import { longestStandstillMs, storedBytes } from './on-disk.ts';
import { shareCopies } from './share-copies.ts';
import { until } from './until.ts';

/** commands.md: a download that waits for a seeder goes on so soon after one comes. */
const COMES_BACK_MS = 2000;
const SIZE_MIB = 256;

let team: Team;
beforeAll(async () => {
  team = await startTeam(3);
});
afterAll(() => team?.stop());
beforeEach(async () => {
  for (const [place, { process }] of team.members.entries()) {
    if (process.exitCode !== null || process.signalCode !== null) await team.restart(place);
    else process.kill('SIGCONT');
  }
});

test('all seeders gone: the download says that it waits for one, and goes on within 2 s of the first one back', async ({
  signal,
}) => {
  const { members, folder } = team;
  const [one, other, leecher] = [members[0]!, members[1]!, members[2]!];
  const shared = await shareCopies(team, 'big.bin', SIZE_MIB, 2);
  const destination = join(folder, 'files-2', 'big.bin');
  const stored = () => storedBytes(`${destination}.part`);
  const storedPart = (part: number) => until(signal, () => stored() >= part * shared.sizeBytes);
  /** How long after the seeder has come (now) anything was written; it may have come while it still was coming. */
  const goesOnAfterMs = async (storedBefore: number) => {
    const sinceMs = performance.now();
    await until(signal, () => stored() > storedBefore || existsSync(destination));
    return performance.now() - sinceMs;
  };
  const stuck = async () => {
    const download = await downloadUntil(leecher, ({ state }) => state === 'W');
    // Until the tracker knows that they are gone, they are online and can't be reached: both are told.
    expect(download.reason).toMatchObject({
      code: 'no_seeders',
      message: expect.stringMatching(/by itself|is online, but can't be reached/),
    });
    expect(download.done).toBeLessThan(download.size);
    return stored();
  };

  // They log out, one logs in again.
  await leecher.do('download_file', 'team', 'big.bin', destination);
  await storedPart(0.25);
  await Promise.all([one.do('logout'), other.do('logout')]);
  const afterLogout = await stuck();
  await one.do('login', 'user0', 'secret');
  const loginMs = await goesOnAfterMs(afterLogout);
  await other.do('login', 'user1', 'secret');

  // Killed half-way, for so long that the leecher asks their addresses only now and then; one is started again where it was.
  await storedPart(0.5);
  await Promise.all([one.stop('SIGKILL'), other.stop('SIGKILL')]);
  const afterKill = await stuck();
  await pause(5000, undefined, { signal });
  const back = await team.restart(0, one.listenAddress);
  const restartMs = await goesOnAfterMs(afterKill);

  // Killed again, and the leecher too: it comes back to nobody. Then the other one comes, elsewhere than before.
  await storedPart(0.75);
  await Promise.all([back.stop('SIGKILL'), leecher.stop('SIGKILL')]);
  const again = await team.restart(2);
  const alone = await downloadUntil(again, ({ state }) => state === 'W');
  expect(alone.reason?.code).toBe('no_seeders');
  expect(alone.done).toBeGreaterThanOrEqual(0.5 * shared.sizeBytes);
  const afterRestart = stored();
  await team.restart(1);
  const movedMs = await goesOnAfterMs(afterRestart);

  const times = { loginMs, restartMs, movedMs };
  console.info(
    `went on after ${JSON.stringify(times, (_, value) => (typeof value === 'number' ? Math.round(value) : value))}`,
  );
  for (const ms of Object.values(times)) expect(ms).toBeLessThan(COMES_BACK_MS);
  expect(await again.do('wait')).toEqual({ completed: 1, failed: 0 });
  expect(await sha1Of(destination)).toBe(shared.sha1);
});

test.for([
  ['dies', 'SIGKILL', 2_000],
  ['hangs', 'SIGSTOP', 10_000],
] as const)(
  'a seeder that %s half-way does not stop what the other one can finish',
  async ([, kill, stallMs], { signal }) => {
    const { members, folder } = team;
    const leecher = members[2]!;
    const file = `${kill}.bin`;
    const shared = await shareCopies(team, file, SIZE_MIB, 2);
    const destination = join(folder, 'files-2', file);
    await leecher.do('download_file', 'team', file, destination);
    await until(signal, () => storedBytes(`${destination}.part`) >= 0.4 * shared.sizeBytes);
    members[0]!.process.kill(kill);
    const standstillMs = await longestStandstillMs(signal, `${destination}.part`, () => existsSync(destination));
    console.info(`${kill}: nothing came for ${Math.round(standstillMs)} ms at most`);
    expect(standstillMs).toBeLessThan(stallMs);
    expect(await leecher.do('wait')).toMatchObject({ failed: 0 });
    expect(await sha1Of(destination)).toBe(shared.sha1);
  },
);
