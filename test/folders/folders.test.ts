import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SmallDisk } from '../durability/small-disk.ts';
import { until } from '../durability/until.ts';
import { startTeam, type Team } from '../support/team.ts';
import { bytesFor, oddSizes, treeOf, writeTree } from './tree.ts';

const MIB = 1024 * 1024;
let team: Team;
const owner = () => team.members[0]!;
const member = () => team.members[1]!;
const path = (...names: string[]) => join(team.folder, ...names);
const listed = async (name: string) =>
  (await member().do('list_files', 'team')).files.find((file) => file.name === name);

const shareOf = async (name: string) => (await member().do('shares')).shares.find(({ file }) => file === name);

beforeAll(async () => {
  team = await startTeam(2);
  writeTree(path('odd'), oddSizes, ['none', 'raw/none']);
});
afterAll(() => team?.stop());

const names = Object.keys(oddSizes);
const sizeOf = (wanted: readonly string[]) => wanted.reduce((sum, name) => sum + oddSizes[name]!, 0);

test('a folder is shared, listed, and fetched as it was', async ({ signal }) => {
  const shared = await owner().do('upload_file', path('odd'), 'team');
  expect(shared).toMatchObject({ name: 'odd', size: sizeOf(names), files: names.length, renamed: [], links: [] });
  expect(await listed('odd')).toMatchObject({
    kind: 'folder',
    files: names.length,
    size: shared.size,
    pieces: shared.pieces,
    seeders: 1,
  });
  mkdirSync(path('into'));
  const { destination } = await member().do('download_file', 'team', 'odd', path('into'));
  expect(destination).toBe(path('into', 'odd'));
  await member().do('wait', '--timeout', '60');
  expect(treeOf(path('into', 'odd'))).toEqual(treeOf(path('odd')));
  const [download] = (await member().do('show_downloads')).downloads;
  const all = names.length;
  expect(download).toMatchObject({ state: 'C', done: shared.size, files: { done: all, chosen: all, all } });
  await until(signal, async () => (await shareOf('odd')) !== undefined);
  expect(await shareOf('odd')).toMatchObject({ state: 'offered', files: { held: all, all } });
  await until(signal, async () => (await listed('odd'))?.seeders === 2);
  // What is here is copied, not fetched; equal files that are there stay.
  writeTree(path('copy', 'odd'), { 'big.bin': oddSizes['big.bin']! });
  await member().do('download_file', 'team', 'odd', path('copy'));
  expect(treeOf(path('copy', 'odd'))).toEqual(treeOf(path('odd')));
  await member().do('stop_share', 'team', 'odd');
  for (let left = 0; left < 2; left++) await member().do('cancel_download', 'team', 'odd');
});

test('only the files wanted are fetched, more of them later; what is there is served', async ({ signal }) => {
  const wanted = ['small/1.jpg', 'small/2.jpg', 'small/über 😀.jpg', 'raw/y.cr2'];
  const refusal = await member().send('download_file', 'team', 'odd', path('some'), '--only', '*.mp3');
  expect(refusal).toMatchObject({ ok: false, error: { code: 'no_such_file' } });
  const { files } = await member().do(
    'download_file',
    'team',
    'odd',
    path('some'),
    '--only',
    '*.jpg',
    '--only',
    'raw/y.cr2',
  );
  expect(files).toEqual({ chosen: 4, all: names.length });
  await member().do('wait', '--timeout', '60');
  const inFolder = () => Object.entries(treeOf(path('some'))).filter(([, hash]) => hash !== null);
  const right = treeOf(path('odd'));
  expect(
    inFolder()
      .map(([name]) => name)
      .sort(),
  ).toEqual([...wanted].sort());
  for (const [name, hash] of inFolder()) expect(hash).toBe(right[name]);
  const [download] = (await member().do('show_downloads')).downloads;
  expect(download).toMatchObject({
    state: 'C',
    size: sizeOf(wanted),
    files: { done: 4, chosen: 4, all: names.length },
  });
  expect(await shareOf('odd')).toMatchObject({ state: 'offered', files: { held: 4 } });
  await until(signal, async () => (await listed('odd'))?.seeders === 1);

  // It goes on serving after a restart, and takes the rest.
  await member().stop('SIGKILL');
  await team.restart(1);
  expect((await member().do('show_downloads')).downloads).toMatchObject([{ state: 'C', files: { chosen: 4 } }]);
  await member().do('download_file', 'team', 'odd', path('some'));
  await member().do('wait', '--timeout', '60');
  expect(treeOf(path('some'))).toEqual(right);
  await until(signal, async () => (await listed('odd'))?.seeders === 2);
});

test('a different file that is there is never overwritten, and is named', async () => {
  writeTree(path('other'), { 'new.txt': 3, 'old.txt': 3 });
  await owner().do('upload_file', path('other'), 'team');
  mkdirSync(path('taken'));
  writeFileSync(path('taken', 'old.txt'), 'mine');
  mkdirSync(path('taken', 'other'));
  writeFileSync(path('taken', 'other', 'old.txt'), 'mine');
  const answer = await member().send('download_file', 'team', 'other', path('taken'));
  expect(answer).toMatchObject({
    ok: false,
    error: { code: 'destination_exists', message: expect.stringContaining('old.txt') },
  });
  expect(readFileSync(path('taken', 'other', 'old.txt'), 'utf8')).toBe('mine');
  expect(existsSync(path('taken', 'other', 'new.txt'))).toBe(false);
});

test('links are left out and told, names that others can not hold are changed and told, special files are refused', async () => {
  writeTree(path('strange'), { 'CON.txt': 3, 'a\\b': 4, README: 5, readme: 6 });
  symlinkSync('/etc/passwd', path('strange', 'link'));
  const shared = await owner().do('upload_file', path('strange'), 'team');
  expect(shared.links).toEqual(['link']);
  expect(shared.renamed?.map(({ path, name }) => [path, name])).toEqual([
    ['CON.txt', '_CON.txt'],
    ['a\\b', 'a_b'],
    ['readme', expect.stringMatching(/^readme~[0-9a-f]{4}$/)],
  ]);
  await member().do('download_file', 'team', 'strange', path('plain'));
  await member().do('wait');
  expect(readFileSync(path('plain', '_CON.txt'))).toEqual(bytesFor('CON.txt', 3));
  expect(readFileSync(path('plain', 'a_b'))).toEqual(bytesFor('a\\b', 4));

  mkdirSync(path('special'));
  spawnSync('mkfifo', [path('special', 'pipe')]);
  const answer = await owner().send('upload_file', path('special'), 'team');
  expect(answer).toMatchObject({
    ok: false,
    error: { message: expect.stringMatching(/pipe is neither a file nor a folder/) },
  });
});

test('killed in the middle it goes on, and nothing under a final name is ever wrong', async () => {
  const sizes = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`d${at % 7}/f${at}.bin`, 1_000_000 + at]));
  writeTree(path('many'), sizes);
  await owner().do('upload_file', path('many'), 'team');
  const right = treeOf(path('many'));
  const { size } = (await listed('many'))!;
  await member().do('download_file', 'team', 'many', path('many-copy'));
  for (const share of [0.2, 0.5]) {
    await downloadOf('many', (done, state) => done > share * size || state === 'C');
    await member().stop('SIGKILL');
    for (const [name, hash] of Object.entries(treeOf(path('many-copy')))) {
      if (hash !== null) expect([name, hash]).toEqual([name, right[name]]);
    }
    await team.restart(1);
  }
  await member().do('wait', '--timeout', '60');
  expect(treeOf(path('many-copy'))).toEqual(right);
});

async function downloadOf(file: string, wanted: (done: number, state: string) => boolean): Promise<void> {
  for (;;) {
    const found = (await member().do('show_downloads')).downloads.find((download) => download.file === file);
    if (found && wanted(found.done, found.state)) return;
    if (found?.state === 'E') throw new Error(found.reason?.message);
    await pause(10);
  }
}

test('a folder that is moved away, or of which one file changed, is offered no more, and again when it is as it was', async ({
  signal,
}) => {
  writeTree(path('live'), { 'a.bin': MIB, 'b.bin': 100 });
  await owner().do('upload_file', path('live'), 'team');
  const state = async () => (await owner().do('shares')).shares.find(({ file }) => file === 'live')?.state;
  appendFileSync(path('live', 'b.bin'), 'more');
  await until(signal, async () => (await state()) === 'changed');
  await until(signal, async () => (await listed('live'))?.seeders === 0);
  writeFileSync(path('live', 'b.bin'), bytesFor('b.bin', 100));
  await until(signal, async () => (await state()) === 'offered');
  renameSync(path('live'), path('gone'));
  await until(signal, async () => (await state()) === 'missing');
  renameSync(path('gone'), path('live'));
  await until(signal, async () => (await state()) === 'offered');
  await member().do('download_file', 'team', 'live', path('live-copy'));
  await member().do('wait');
  expect(treeOf(path('live-copy'))).toEqual(treeOf(path('live')));
});

const disk = new SmallDisk(8, undefined);
afterAll(() => disk.end());

// Skipped where mounting a tmpfs is not allowed (no root): there is no other way to a full disk that harms nobody.
describe.skipIf(!disk.isMounted)('a full disk', () => {
  test('is waited for, and refuses only what can not fit', async () => {
    writeTree(path('five'), { 'a.bin': 3 * MIB, 'b.bin': 2 * MIB });
    await owner().do('upload_file', path('five'), 'team');
    disk.fill(4);
    const refusal = await member().send('download_file', 'team', 'five', disk.folder);
    expect(refusal).toMatchObject({ ok: false, error: { code: 'no_space' } });
    expect(existsSync(join(disk.folder, 'five'))).toBe(false);
    disk.makeSpace();
    await owner().do('logout');
    await member().do('download_file', 'team', 'five', disk.folder);
    disk.fill(1);
    await owner().do('login', 'user0', 'secret');
    await waitsFor('five', 'no_space');
    disk.makeSpace();
    await member().do('wait', '--timeout', '60');
    expect(treeOf(join(disk.folder, 'five'))).toEqual(treeOf(path('five')));
  });
});

async function waitsFor(file: string, code: string): Promise<void> {
  for (;;) {
    const found = (await member().do('show_downloads')).downloads.find((download) => download.file === file);
    if (found?.state === 'W' && found.reason?.code === code) return;
    if (found?.state === 'E' || found?.state === 'C') throw new Error(`${found.state} ${found.reason?.message}`);
    await pause(10);
  }
}

test('cancelling removes what is not whole, and says so', async () => {
  writeTree(path('late'), { 'a.bin': MIB });
  await owner().do('upload_file', path('late'), 'team');
  await owner().do('logout');
  await member().do('download_file', 'team', 'late', path('late-copy'));
  const { removed } = await member().do('cancel_download', 'team', 'late');
  expect(removed).toContain(path('late-copy'));
  expect(existsSync(path('late-copy'))).toBe(false);
  rmSync(path('late'), { recursive: true });
  await owner().do('login', 'user0', 'secret');
});
