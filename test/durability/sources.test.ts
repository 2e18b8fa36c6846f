import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { SpokenClient } from '../support/spoken-client.ts';
import { sha1Of, startTeam, type Team, writeRandomFile } from '../support/team.ts';
import { storedBytes } from './on-disk.ts';
import { canBePlain, giveToPlainUser, plainUid } from './plain-user.ts';
import { until } from './until.ts';

const MIB = 1024 * 1024;
const SIZE_MIB = 128;

let team: Team;
/** Member 0, whose files have accidents. */
let sharer: SpokenClient;
const startSharer = () => SpokenClient.start(team.trackerInfo, team.home(0), plainUid);
const file = (name: string) => join(team.folder, 'files-0', name);

beforeAll(async () => {
  team = await startTeam(3);
  await team.members[0]!.stop();
  giveToPlainUser(team.folder, [team.home(0), join(team.folder, 'files-0')]);
  sharer = await startSharer();
});
beforeEach(() => {
  onTestFailed(() => console.info(sharer.said.err.replaceAll(/^error: .* 'mark_.*\n/gm, '')));
});
afterAll(async () => {
  await sharer?.stop();
  await team?.stop();
});

/** The state of each of the sharer's files, as he sees it. */
async function states(): Promise<Map<string, string>> {
  const rows = (await sharer.say('shares')).matchAll(/^team +(\S+) .*?\b(offered|missing|changed|unreadable)\b/gm);
  return new Map([...rows].map(([, name, state]) => [name!, state!]));
}

async function seeders(name: string): Promise<number | undefined> {
  const { files } = await team.members[1]!.do('list_files', 'team');
  return files.find((one) => one.name === name)?.seeders;
}

const told = (name: string, what: RegExp) =>
  new RegExp(`^not shared: \\[team\\] ${name}: .*${what.source}`, 'm').test(sharer.said.err);

/** What happens to a shared file, and what its sharer hears of it. */
interface Accident {
  readonly name: string;
  readonly happens: (path: string) => void;
  readonly state: 'offered' | 'missing' | 'changed' | 'unreadable';
  readonly words?: RegExp;
  readonly undone?: (path: string) => void;
}

const aside = (path: string) => `${path}.aside`;
const overwrite = (path: string, bytes: Buffer, offset = 0) => {
  const open = openSync(path, 'r+');
  writeSync(open, bytes, 0, bytes.length, offset);
  closeSync(open);
};

const accidents: readonly Accident[] = [
  {
    name: 'same-size',
    happens: (path) => {
      copyFileSync(path, aside(path));
      overwrite(path, randomBytes(64));
    },
    state: 'changed',
    words: /no longer what was shared: put the old file back, or upload the new one/,
    undone: (path) => copyFileSync(aside(path), path),
  },
  {
    name: 'other-size',
    happens: (path) => appendFileSync(path, 'more'),
    state: 'changed',
    words: /no longer what was shared/,
    undone: (path) => truncateSync(path, MIB),
  },
  {
    name: 'moved',
    happens: (path) => renameSync(path, aside(path)),
    state: 'missing',
    words: /is not there any more.*: put it back, or upload it from where it is now/,
    undone: (path) => renameSync(aside(path), path),
  },
  { name: 'deleted', happens: (path) => rmSync(path), state: 'missing', words: /is not there any more/ },
  {
    name: 'unreadable',
    happens: (path) => chmodSync(path, 0),
    state: 'unreadable',
    words: /may not be (read|opened) by you: change its permissions/,
    undone: (path) => chmodSync(path, 0o644),
  },
  {
    name: 'replaced',
    happens: (path) => {
      writeFileSync(aside(path), randomBytes(MIB));
      renameSync(aside(path), path);
    },
    state: 'changed',
    words: /no longer what was shared/,
  },
  {
    name: 'copied',
    happens: (path) => {
      copyFileSync(path, aside(path));
      renameSync(aside(path), path);
    },
    state: 'offered',
  },
  { name: 'touched', happens: (path) => utimesSync(path, 1, 1), state: 'offered' },
];

/** What comes in the place of the end of a file that is being downloaded: of what is fetched last. */
const otherEnd = randomBytes(32 * MIB);

/** Of a file that is being downloaded: quick ones, so that they come half-way. */
const accidentsMeanwhile: readonly Accident[] = [
  {
    name: 'same-size.bin',
    happens: (path) => overwrite(path, otherEnd, SIZE_MIB * MIB - otherEnd.length),
    state: 'changed',
    words: /no longer what was shared/,
  },
  {
    name: 'cut.bin',
    happens: (path) => truncateSync(path, SIZE_MIB * MIB - 1),
    state: 'changed',
    words: /no longer what was shared/,
  },
  { name: 'deleted.bin', happens: (path) => rmSync(path), state: 'missing', words: /is not there any more/ },
  {
    name: 'moved.bin',
    happens: (path) => renameSync(path, aside(path)),
    state: 'missing',
    words: /is not there any more/,
  },
  {
    name: 'replaced.bin',
    happens: (path) => {
      writeFileSync(aside(path), 'small');
      renameSync(aside(path), path);
    },
    state: 'changed',
    words: /no longer what was shared/,
  },
  { name: 'touched.bin', happens: (path) => utimesSync(path, 1, 1), state: 'offered' },
];

describe.skipIf(!canBePlain)('a shared file has an accident', () => {
  test('while nobody asks for it: its sharer is told, it is not counted as a seeder, and offered again when it is back', async ({
    signal,
  }) => {
    for (const { name } of accidents) {
      writeFileSync(file(name), randomBytes(MIB));
      expect(await sharer.say(`upload_file ${file(name)} team`)).toMatch(/shar/);
    }
    for (const { name, happens } of accidents) happens(file(name));
    const gone = accidents.filter(({ state }) => state !== 'offered');
    for (const { name, words } of gone) await until(signal, () => told(name, words!));
    expect(await states()).toEqual(new Map(accidents.map(({ name, state }) => [name, state])));
    for (const { name, state } of accidents) {
      await until(signal, async () => (await seeders(name)) === (state === 'offered' ? 1 : 0));
    }
    for (const { name, state } of accidents) if (state === 'offered') expect(told(name, /./)).toBe(false);

    const mended = accidents.filter(({ undone }) => undone !== undefined);
    for (const { name, undone } of mended) undone!(file(name));
    for (const { name } of mended) await until(signal, async () => (await seeders(name)) === 1);
    const now = await states();
    for (const { name } of mended) expect([name, now.get(name)]).toEqual([name, 'offered']);

    // What was moved elsewhere for good is mended by uploading it from there.
    renameSync(file('moved'), aside(file('moved')));
    await until(signal, async () => (await states()).get('moved') === 'missing');
    await sharer.say(`upload_file --name moved ${aside(file('moved'))} team`);
    expect((await states()).get('moved')).toBe('offered');
    await until(signal, async () => (await seeders('moved')) === 1);
  });

  test.for(accidentsMeanwhile.map((accident) => [accident.name, accident] as const))(
    'while somebody downloads it (%s): he gets no wrong byte, blames nobody and finishes',
    async ([name, { happens, state }], { signal }) => {
      const [, other, leecher] = team.members;
      writeRandomFile(file(name), SIZE_MIB);
      const sha1 = await sha1Of(file(name));
      await sharer.say(`upload_file ${file(name)} team`);
      // Where the sharer can't go on, another seeder does.
      if (state !== 'offered') {
        copyFileSync(file(name), join(team.folder, 'files-1', name));
        await other!.do('upload_file', join(team.folder, 'files-1', name), 'team');
      }
      const destination = join(team.folder, 'files-2', name);
      await leecher!.do('download_file', 'team', name, destination);
      await until(signal, () => storedBytes(`${destination}.part`) > 0.2 * SIZE_MIB * MIB);
      happens(file(name));
      expect(existsSync(destination), 'the download is under way').toBe(false);
      expect(await leecher!.do('wait')).toMatchObject({ failed: 0 });
      expect(await sha1Of(destination)).toBe(sha1);
      expect(readFileSync(join(team.home(2), 'log', 'client.log'), 'utf8')).not.toMatch(/cut off/);
    },
  );

  test('while somebody downloaded it: its sharer is told', async ({ signal }) => {
    for (const { name, state, words } of accidentsMeanwhile) {
      if (words) await until(signal, () => told(name, words));
      expect([name, (await states()).get(name)]).toEqual([name, state]);
    }
  });

  test('while its client is off: told at the next start, or read again and shared', async ({ signal }) => {
    const asleep = accidents.map((accident) => ({ ...accident, name: `asleep-${accident.name}` }));
    for (const { name } of asleep) {
      writeFileSync(file(name), randomBytes(MIB));
      await sharer.say(`upload_file ${file(name)} team`);
    }
    await sharer.stop();
    for (const { name, happens } of asleep) happens(file(name));
    sharer = await startSharer();
    for (const { name, state, words } of asleep) {
      if (state === 'offered') await until(signal, async () => (await seeders(name)) === 1);
      else await until(signal, () => told(name, words!));
    }
    const now = await states();
    for (const { name, state } of asleep) expect([name, now.get(name)]).toEqual([name, state]);
    for (const { name, state } of asleep) if (state !== 'offered') expect(await seeders(name)).toBe(0);

    // It is looked for on: a disk that is mounted later, say.
    renameSync(aside(file('asleep-moved')), file('asleep-moved'));
    await until(signal, async () => (await seeders('asleep-moved')) === 1);
    expect((await states()).get('asleep-moved')).toBe('offered');
  });
});
