import { appendFileSync, existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { until } from '../durability/until.ts';
import { sha1Of, writeRandomFile } from '../support/team.ts';
import { useTeam } from '../support/use-team.ts';
import { treeOf, writeTree } from './tree.ts';

const MIB = 1024 * 1024;
const { owner, member, path } = useTeam(2);

async function fetched(name: string, to: string, signal: AbortSignal) {
  await member().do('download_file', 'team', name, path(to));
  await member().do('wait', '--timeout', '60');
  const isOffered = async () => (await member().do('shares')).shares.some(({ file }) => file === name);
  await until(signal, isOffered);
}
const names = async () => (await member().do('shares')).shares.map(({ file }) => file);

test('a finished download goes from the list alone, or with its file, which is shared no more', async ({ signal }) => {
  writeRandomFile(path('film.bin'), 2);
  await owner().do('upload_file', path('film.bin'), 'team');
  await fetched('film.bin', 'copy.bin', signal);
  expect(await member().do('cancel_download', 'team', 'film.bin')).toEqual({ removed: null });
  expect(existsSync(path('copy.bin'))).toBe(true);
  expect(await names()).toEqual(['film.bin']);
  await member().do('stop_share', 'team', 'film.bin');
  await fetched('film.bin', 'second.bin', signal);
  const gone = await member().do('cancel_download', 'team', 'film.bin', '--data', 'remove');
  expect(gone).toEqual({ removed: path('second.bin') });
  expect([existsSync(path('second.bin')), existsSync(path('copy.bin'))]).toEqual([false, true]);
  expect(await names()).toEqual([]);
});

test('of a folder the files that are not what was fetched stay', async ({ signal }) => {
  writeTree(path('photos'), { 'one.jpg': 1000, 'raw/two.tif': 2000 });
  await owner().do('upload_file', path('photos'), 'team');
  await fetched('photos', 'mine', signal);
  appendFileSync(path('mine', 'one.jpg'), ' and what the user wrote');
  const gone = await member().do('cancel_download', 'team', 'photos', '--data', 'remove');
  expect(gone).toEqual({ removed: path('mine'), left: 1 });
  expect(Object.keys(treeOf(path('mine')))).toEqual(['one.jpg']);
});

test('partial data that is kept is used by the next download to that place', async ({ signal }) => {
  writeRandomFile(path('big.bin'), 4);
  await owner().do('upload_file', path('big.bin'), 'team');
  await member().do('limit', 'down', '1MB/s');
  await member().do('download_file', 'team', 'big.bin', path('big copy.bin'));
  const last = async () => (await member().do('show_downloads')).downloads.at(-1)!;
  await until(signal, async () => (await last()).done >= MIB);
  expect(await member().do('cancel_download', 'team', 'big.bin', '--data', 'keep')).toEqual({ removed: null });
  expect(existsSync(path('big copy.bin.part'))).toBe(true);
  await member().do('limit', 'down', 'off');
  await member().do('download_file', 'team', 'big.bin', path('big copy.bin'));
  await member().do('wait', '--timeout', '60');
  expect(await sha1Of(path('big copy.bin'))).toBe(await sha1Of(path('big.bin')));
  const sent = (await last()).sources.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(sent).toBeLessThanOrEqual(3 * MIB);
});
