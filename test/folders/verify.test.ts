import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { until } from '../durability/until.ts';
import { sha1Of, writeRandomFile } from '../support/team.ts';
import { useTeam } from '../support/use-team.ts';
import { treeOf, writeTree } from './tree.ts';

const MIB = 1024 * 1024;
const { owner, member, path } = useTeam(2);

/** What a bad disk does: another byte, and no other time. */
function rot(file: string, at: number): void {
  spawnSync('touch', ['-r', file, `${file}.time`]);
  const descriptor = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, at);
  byte[0]! ^= 0xff;
  writeSync(descriptor, byte, 0, 1, at);
  closeSync(descriptor);
  spawnSync('touch', ['-r', `${file}.time`, file]);
  spawnSync('rm', [`${file}.time`]);
}

const verify = (who: typeof owner, file: string) => who().do('verify', 'team', file);
const shared = async (who: typeof owner, file: string) =>
  (await who().do('shares')).shares.find((share) => share.file === file)?.state;

test('a finished download that its disk damaged is mended, and offered again', async ({ signal }) => {
  writeRandomFile(path('film.bin'), 5);
  await owner().do('upload_file', path('film.bin'), 'team');
  await member().do('download_file', 'team', 'film.bin', path('copy.bin'));
  await member().do('wait', '--timeout', '60');
  await until(signal, async () => (await shared(member, 'film.bin')) === 'offered');
  expect(await verify(member, 'film.bin')).toEqual({ pieces: 10, wrong: 0, action: 'none', message: null });
  rot(path('copy.bin'), 3 * MIB);
  expect(await verify(member, 'film.bin')).toMatchObject({ pieces: 10, wrong: 1, action: 'fetching' });
  await member().do('wait', '--timeout', '60');
  expect(await sha1Of(path('copy.bin'))).toBe(await sha1Of(path('film.bin')));
  const [download] = (await member().do('show_downloads')).downloads;
  expect(download).toMatchObject({ state: 'C' });
  await until(signal, async () => (await shared(member, 'film.bin')) === 'offered');
});

test('a source that is wrong is offered no more, with the reason, and is never written', async ({ signal }) => {
  rot(path('film.bin'), 7);
  const damaged = readFileSync(path('film.bin'));
  const found = await verify(owner, 'film.bin');
  expect(found).toMatchObject({
    pieces: 10,
    wrong: 1,
    action: 'stopped',
    message: expect.stringContaining('film.bin'),
  });
  await until(signal, async () => (await shared(owner, 'film.bin')) === 'changed');
  expect(readFileSync(path('film.bin')).equals(damaged)).toBe(true);
});

test('what is stored of a download that goes on is read, and what is wrong fetched again', async ({ signal }) => {
  const sizes = { 'a.bin': 2 * MIB, 'b.bin': 2 * MIB, 'c.txt': 5 };
  writeTree(path('tree'), sizes);
  await owner().do('upload_file', path('tree'), 'team');
  await member().do('download_file', 'team', 'tree', path('some'), '--only', 'a.bin');
  await member().do('wait', '--timeout', '60');
  rot(path('some', 'a.bin'), MIB);
  expect(await verify(member, 'tree')).toMatchObject({ pieces: 4, wrong: 1, action: 'fetching' });
  await until(signal, () => treeOf(path('some'))['a.bin'] === treeOf(path('tree'))['a.bin']);
  await until(signal, async () => (await verify(member, 'tree').catch(() => undefined))?.wrong === 0);
  // All of it, damaged when it is complete: the whole folder is read, and only the bad piece fetched.
  await member().do('download_file', 'team', 'tree', path('some'));
  await member().do('wait', '--timeout', '60');
  await until(signal, async () => (await shared(member, 'tree')) === 'offered');
  rot(path('some', 'b.bin'), 5);
  expect(await verify(member, 'tree')).toMatchObject({ pieces: 9, wrong: 1, action: 'fetching' });
  await member().do('wait', '--timeout', '60');
  expect(treeOf(path('some'))).toEqual(treeOf(path('tree')));
});

test('what this device does not have is refused', async () => {
  const answer = await member().send('verify', 'team', 'nothing');
  expect(answer).toMatchObject({ ok: false, error: { code: 'no_such_file' } });
});
