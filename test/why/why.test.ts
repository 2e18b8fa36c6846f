import { mkdirSync } from 'node:fs';
import type { ControlResult } from '@peerage/contract';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { SmallDisk } from '../durability/small-disk.ts';
import { until } from '../durability/until.ts';
import { writeTree } from '../folders/tree.ts';
import { writeRandomFile } from '../support/team.ts';
import { useTeam } from '../support/use-team.ts';

const MIB = 1024 * 1024;
const { team, owner, member, third, path } = useTeam(3);

type Why = ControlResult<'why'>;
const why = (file: string): Promise<Why> => member().do('why', 'team', file);

/** Asks until the reason that weighs most is that one; show_downloads then says the same in words. */
async function becomes(signal: AbortSignal, file: string, code: Why['reasons'][number]['code']): Promise<Why> {
  let answer = await why(file);
  await until(signal, async () => {
    answer = await why(file);
    return answer.reasons[0]?.code === code;
  });
  return answer;
}
async function shown(file: string) {
  return (await member().do('show_downloads')).downloads.findLast((download) => download.file === file)!;
}

test('nobody who has it is online; paused; complete', async ({ signal }) => {
  writeRandomFile(path('alone.bin'), 1);
  await owner().do('upload_file', path('alone.bin'), 'team');
  await owner().do('logout');
  await member().do('download_file', 'team', 'alone.bin', path('alone-copy'));
  await becomes(signal, 'alone.bin', 'no_seeders');
  await until(signal, async () => (await shown('alone.bin')).state === 'W');
  expect((await shown('alone.bin')).reason).toMatchObject({ code: 'no_seeders', message: /nobody/ });
  await member().do('pause_download', 'team', 'alone.bin');
  expect(await why('alone.bin')).toMatchObject({ state: 'P', reasons: [{ code: 'paused' }] });
  await member().do('resume_download', 'team', 'alone.bin');
  await owner().do('login', 'user0', 'secret');
  await member().do('wait', '--timeout', '60');
  expect(await why('alone.bin')).toMatchObject({ state: 'C', reasons: [{ code: 'complete' }] });
});

test('a piece that nobody has', async ({ signal }) => {
  writeTree(path('pair'), { 'a.bin': 2 * MIB, 'b.bin': 2 * MIB });
  await owner().do('upload_file', path('pair'), 'team');
  await third().do('download_file', 'team', 'pair', path('part'), '--only', 'a.bin');
  await third().do('wait', '--timeout', '60');
  await owner().do('logout');
  await member().do('download_file', 'team', 'pair', path('pair-copy'));
  const { reasons } = await becomes(signal, 'pair', 'piece_unavailable');
  await until(signal, async () => (await shown('pair')).done === 2 * MIB);
  expect(reasons[0]).toMatchObject({ pieces: [4, 5, 6, 7], message: expect.stringMatching(/pieces 4, 5, 6, 7/) });
  await until(signal, async () => (await shown('pair')).state === 'W');
  expect((await shown('pair')).reason!.message).toMatch(/nobody who is connected has pieces 4, 5, 6, 7/);
  await member().do('cancel_download', 'team', 'pair');
  await owner().do('login', 'user0', 'secret');
});

test('somebody who can not be reached', async ({ signal }) => {
  writeRandomFile(path('far.bin'), 1);
  await owner().do('upload_file', path('far.bin'), 'team');
  owner().process.kill('SIGSTOP'); // as a router that swallows: the address is told, and nobody answers there
  onTestFinished(() => void owner().process.kill('SIGCONT'));
  await member().do('download_file', 'team', 'far.bin', path('far-copy'));
  const { reasons } = await becomes(signal, 'far.bin', 'unreachable');
  expect(reasons[0]).toMatchObject({
    user: 'user0',
    message: expect.stringMatching(/user0 is online, but can't be reached/),
  });
  await until(signal, async () => (await shown('far.bin')).state === 'W');
  expect((await shown('far.bin')).reason!.message).toMatch(/user0 is online, but can't be reached/);
  owner().process.kill('SIGCONT');
  await member().do('wait', '--timeout', '60');
});

const disk = new SmallDisk(8, undefined);
afterAll(() => disk.end());

// Skipped where mounting a tmpfs is not allowed (no root): there is no other way to a full disk that harms nobody.
describe.skipIf(!disk.isMounted)('the disk', () => {
  test('is full', async ({ signal }) => {
    writeRandomFile(path('large.bin'), 6);
    await owner().do('upload_file', path('large.bin'), 'team');
    await owner().do('logout');
    await member().do('download_file', 'team', 'large.bin', disk.folder);
    disk.fill(1);
    await owner().do('login', 'user0', 'secret');
    await until(signal, async () => (await shown('large.bin')).reason?.code === 'no_space');
    const { state, reasons } = await becomes(signal, 'large.bin', 'disk');
    expect([state, reasons.length]).toEqual(['W', 1]);
    expect(reasons[0]!.message).toMatch(/disk is full.*goes on by itself/);
    disk.makeSpace();
    await member().do('wait', '--timeout', '60');
  });
});

test('your limit', async ({ signal }) => {
  writeRandomFile(path('slow.bin'), 4);
  await owner().do('upload_file', path('slow.bin'), 'team');
  await member().do('limit', 'down', '1MB/s');
  await member().do('download_file', 'team', 'slow.bin', path('slow-copy'));
  const { state, reasons } = await becomes(signal, 'slow.bin', 'limit');
  expect([state, reasons[0]!.message]).toEqual(['D', 'your limit of 1.0 MB/s: limit shows it and changes it']);
  await member().do('limit', 'down', 'off');
  await member().do('wait', '--timeout', '60');
});

test('membership that can not be renewed, and no tracker', async ({ signal }) => {
  writeRandomFile(path('late.bin'), 1);
  await owner().do('upload_file', path('late.bin'), 'team');
  await owner().do('logout');
  mkdirSync(path('late'));
  await member().do('download_file', 'team', 'late.bin', path('late'));
  await member().stop();
  await team().tracker.stop();
  await team().restart(1);
  const { reasons } = await becomes(signal, 'late.bin', 'membership');
  expect(reasons.map(({ code }) => code)).toEqual(['membership', 'tracker']);
  await until(signal, async () => (await shown('late.bin')).state === 'W');
  expect((await shown('late.bin')).reason).toMatchObject({ code: 'tracker_unreachable' });
});
