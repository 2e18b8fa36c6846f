import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Download, ErrorCode } from '@peerage/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { sha1Of, startTeam, type Team, writeRandomFile } from '../support/team.ts';
import { canBePlain, giveToPlainUser, plainUid } from './plain-user.ts';
import { SmallDisk } from './small-disk.ts';
import { until } from './until.ts';

const DISK_MIB = 24;
const SIZE_MIB = 16;
const MIB = 1024 * 1024;

let team: Team;
let seeder: ClientProcess;
/** Runs without root's rights. */
let leecher: ClientProcess;
/** Where the leecher may write. */
let folder: string;
let sha1: string;
const disk = new SmallDisk(DISK_MIB, plainUid);

const startLeecher = () => ClientProcess.start(team.trackerInfo, team.home(1), { uid: plainUid });

beforeAll(async () => {
  team = await startTeam(2);
  seeder = team.members[0]!;
  await team.members[1]!.stop();
  folder = join(team.folder, 'files-1');
  for (const [name, mib] of [
    ['film', SIZE_MIB],
    ['other', SIZE_MIB],
    ['large', DISK_MIB + 1],
  ] as const) {
    const path = join(team.folder, 'files-0', name);
    writeRandomFile(path, mib);
    const shared = await seeder.do('upload_file', path, 'team');
    if (name === 'film') sha1 = shared.sha1;
  }
  giveToPlainUser(team.folder, [team.home(1), folder]);
  leecher = await startLeecher();
});
beforeEach(async () => {
  await seeder.do('login', 'user0', 'secret');
});
afterEach(async () => {
  for (const name of ['film', 'other', 'large']) {
    await leecher.send('cancel_download', 'team', name);
    await leecher.send('stop_share', 'team', name);
  }
  if (disk.isMounted) disk.empty();
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});
afterAll(async () => {
  await leecher?.stop();
  await team?.stop();
  disk.end();
});

/** A refusal: its code, and that a person is told what is wrong and what to do. */
async function refused(words: readonly string[], code: ErrorCode, says: RegExp, client = leecher): Promise<void> {
  const answer = await client.send(...words);
  if (answer.ok) throw new Error(`${words.join(' ')} was not refused: ${JSON.stringify(answer.result)}`);
  expect(answer.error).toEqual({ code, message: expect.stringMatching(says) });
  expect(answer.error.message).toMatch(/: \w/);
}

async function download(name: string): Promise<Download> {
  const { downloads } = await leecher.do('show_downloads');
  return downloads.find(({ file }) => file === name)!;
}

async function reaches(signal: AbortSignal, state: Download['state'], code: ErrorCode, says: RegExp): Promise<void> {
  await until(signal, async () => {
    const { state: now, reason } = await download('film');
    return now === state && reason?.code === code;
  });
  expect((await download('film')).reason!.message).toMatch(says);
}

/** Begins a download that has nobody to come from yet, so that something can happen before it comes. */
async function beginWithoutSeeder(destination: string, client = leecher): Promise<void> {
  await seeder.do('logout');
  await client.do('download_file', 'team', 'film', destination);
}

async function uploadedBytes(): Promise<number> {
  const { shares } = await seeder.do('shares');
  return shares.find(({ file }) => file === 'film')!.uploaded;
}

async function endsEqual(destination: string): Promise<void> {
  expect(await leecher.do('wait')).toMatchObject({ failed: 0 });
  expect(await sha1Of(destination)).toBe(sha1);
  expect(existsSync(`${destination}.part`)).toBe(false);
}

describe('a disk', () => {
  beforeEach(({ skip }) => {
    skip(!disk.isMounted, 'only root may mount a small disk');
    skip(!canBePlain, 'this clone is where only root may read');
  });

  test('that is too small is told at once, and nothing is left on it', async () => {
    const path = join(disk.folder, 'large');
    await refused(
      ['download_file', 'team', 'large', path],
      'no_space',
      /needs \d+ bytes and its disk has \d+ left: make space/,
    );
    expect(readdirSync(disk.folder)).toEqual([]);
    expect((await leecher.do('show_downloads')).downloads).toEqual([]);
    // Also for a copy of what this device has already.
    await leecher.do('download_file', 'team', 'large', join(folder, 'large'));
    expect(await leecher.do('wait')).toMatchObject({ failed: 0 });
    await until(AbortSignal.timeout(10_000), async () => (await leecher.do('shares')).shares.length > 0);
    await refused(['download_file', 'team', 'large', path], 'no_space', /make space/);
    expect(readdirSync(disk.folder)).toEqual([]);
  });

  test('that fills meanwhile: the download waits and says so, a restart changes nothing, and it goes on by itself', async ({
    signal,
  }) => {
    const path = join(disk.folder, 'film');
    await beginWithoutSeeder(path);
    disk.fill(SIZE_MIB / 2);
    await seeder.do('login', 'user0', 'secret');
    await reaches(signal, 'W', 'no_space', /the disk is full: make space/);
    const { done } = await download('film');
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(SIZE_MIB * MIB);
    await refused(['wait', '--timeout', '1'], 'timeout', /not finished/);

    await leecher.stop('SIGKILL');
    leecher = await startLeecher();
    await reaches(signal, 'W', 'no_space', /make space/);
    const before = await uploadedBytes();
    disk.makeSpace();
    await endsEqual(path);
    // What was on the disk was not fetched again.
    expect((await uploadedBytes()) - before).toBeLessThanOrEqual(SIZE_MIB * MIB - done + 6 * MIB);
  });

  test('that is read-only: refused at once; found so at a start: failed in words, and resumed when it can be written', async ({
    signal,
  }) => {
    const path = join(disk.folder, 'film');
    disk.become('ro');
    await refused(
      ['download_file', 'team', 'film', path],
      'path_not_writable',
      /its disk is mounted read-only: choose another destination/,
    );
    disk.become('rw');
    await beginWithoutSeeder(path);
    await leecher.stop();
    disk.become('ro');
    leecher = await startLeecher();
    await reaches(signal, 'E', 'path_not_writable', /its disk is mounted read-only/);
    await refused(['wait'], 'path_not_writable', /'film' failed: .*read-only/);
    disk.become('rw');
    await seeder.do('login', 'user0', 'secret');
    await leecher.do('resume_download', 'team', 'film');
    await endsEqual(path);
  });

  test('of the home that fills: commands are refused in words, what runs is finished, and known after a kill', async ({
    signal,
  }) => {
    const home = join(disk.folder, 'home');
    const start = () => ClientProcess.start(team.trackerInfo, home, { uid: plainUid });
    const path = join(folder, 'elsewhere');
    let other = await start();
    try {
      await other.do('login', 'user1', 'secret');
      await beginWithoutSeeder(path, other);
      disk.fill(0);
      await seeder.do('login', 'user0', 'secret');
      expect(await other.do('wait')).toEqual({ completed: 1, failed: 0 });
      expect(await sha1Of(path)).toBe(sha1);
      await refused(
        ['download_file', 'team', 'other', join(folder, 'other')],
        'no_space',
        /the disk that holds '.*home' is full: make space there/,
        other,
      );
      await seeder.do('logout');
      await other.stop('SIGKILL');
      disk.makeSpace();
      other = await start();
      expect(await other.do('wait')).toEqual({ completed: 1, failed: 0 });
      await until(signal, async () => (await other.do('shares')).shares[0]?.state === 'offered');
      await other.do('stop_share', 'team', 'film');
    } finally {
      await other.stop();
    }
  });
});

describe('rights', () => {
  beforeEach(({ skip }) => skip(!canBePlain, 'this clone is where only root may read'));

  test('a file that may not be read is not shared', async () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'secret');
    chmodSync(path, 0);
    await refused(['upload_file', path, 'team'], 'path_not_readable', /may not be (opened|read)/);
    mkdirSync(join(folder, 'closed'));
    writeFileSync(join(folder, 'closed', 'file'), 'secret');
    chmodSync(join(folder, 'closed'), 0);
    await refused(['upload_file', join(folder, 'closed', 'file'), 'team'], 'path_not_readable', /permission/);
    await refused(['download_file', 'team', 'film', join(folder, 'closed', 'film')], 'path_not_writable', /permission/);
  });

  test('a folder that may not be written is refused; closed meanwhile it ends the download in words, open again it is resumed', async ({
    signal,
  }) => {
    const into = join(folder, 'into');
    mkdirSync(into);
    giveToPlainUser(team.folder, [into]);
    chmodSync(into, 0o555);
    await refused(
      ['download_file', 'team', 'film', into],
      'path_not_writable',
      /change its permissions or those of its folder/,
    );
    expect(readdirSync(into)).toEqual([]);
    chmodSync(into, 0o755);
    await beginWithoutSeeder(into);
    chmodSync(into, 0o555);
    await seeder.do('login', 'user0', 'secret');
    await reaches(signal, 'E', 'path_not_writable', /change its permissions or those of its folder/);
    chmodSync(into, 0o755);
    await seeder.do('logout'); // nothing is needed of it any more
    await leecher.do('resume_download', 'team', 'film');
    await endsEqual(join(into, 'film'));
  });
});

describe('a destination', () => {
  beforeEach(({ skip }) => skip(!canBePlain, 'this clone is where only root may read'));

  test('that another download writes to is refused, however it is written', async () => {
    mkdirSync(join(folder, 'into'));
    giveToPlainUser(team.folder, [join(folder, 'into')]);
    symlinkSync(join(folder, 'into'), join(folder, 'link'));
    await beginWithoutSeeder(join(folder, 'into', 'here'));
    for (const again of ['into/here', 'into/../into/./here', 'link/here']) {
      await refused(
        ['download_file', 'team', 'other', join(folder, again)],
        'download_exists',
        /'film' is being downloaded to .*: choose another/,
      );
    }
    await refused(
      ['download_file', 'team', 'film', join(folder, 'there')],
      'download_exists',
      /show_downloads|cancel_download/,
    );
    await seeder.do('login', 'user0', 'secret');
    await endsEqual(join(folder, 'into', 'here'));
  });

  test('that appears meanwhile is not overwritten: failed in words, resumed without a byte more when it is moved away', async ({
    signal,
  }) => {
    const path = join(folder, 'film');
    await beginWithoutSeeder(path);
    writeFileSync(path, 'mine');
    await seeder.do('login', 'user0', 'secret');
    await reaches(signal, 'E', 'destination_exists', /exists already and is never overwritten: /);
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await refused(['resume_download', 'team', 'film'], 'destination_exists', /never overwritten: /);
    // It is still there at the next start.
    await leecher.stop();
    leecher = await startLeecher();
    await reaches(signal, 'E', 'destination_exists', /never overwritten/);
    renameSync(path, join(folder, 'film.mine'));
    await seeder.do('logout'); // nothing is needed of it any more
    await leecher.do('resume_download', 'team', 'film');
    await endsEqual(path);
    expect(readFileSync(join(folder, 'film.mine'), 'utf8')).toBe('mine');
  });

  test('whose folder is removed meanwhile: failed in words, begun anew when the folder is there again', async ({
    signal,
  }) => {
    const into = join(folder, 'into');
    mkdirSync(into);
    giveToPlainUser(team.folder, [into]);
    await beginWithoutSeeder(into);
    rmSync(into, { recursive: true });
    await seeder.do('login', 'user0', 'secret');
    await reaches(signal, 'E', 'path_not_found', /folder/);
    await refused(['resume_download', 'team', 'film'], 'path_not_found', /folder/);
    mkdirSync(into);
    giveToPlainUser(team.folder, [into]);
    await leecher.do('resume_download', 'team', 'film');
    await endsEqual(join(into, 'film'));
  });

  test('whose partial file is removed or replaced meanwhile: nothing foreign is touched', async ({ signal }) => {
    const path = join(folder, 'film');
    await beginWithoutSeeder(path);
    rmSync(`${path}.part`);
    writeFileSync(`${path}.part`, 'mine');
    await seeder.do('login', 'user0', 'secret');
    await reaches(signal, 'E', 'file_changed', /part/);
    expect(readFileSync(`${path}.part`, 'utf8')).toBe('mine');
    expect(existsSync(path)).toBe(false);
    await leecher.do('cancel_download', 'team', 'film');
    expect(readFileSync(`${path}.part`, 'utf8')).toBe('mine');
  });
});
