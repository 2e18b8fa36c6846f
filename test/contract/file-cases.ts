import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bytesFor } from '../folders/tree.ts';
import { type Case, done, refused } from './case.ts';

const KIB = 1024;
const PIECE = 512 * KIB;

const sizes: readonly (readonly [name: string, sizeBytes: number])[] = [
  ['empty.bin', 0],
  ['one.bin', 1],
  ['piece.bin', PIECE],
  ['piece-1.bin', PIECE - 1],
  ['piece+1.bin', PIECE + 1],
  ['five.bin', 5 * PIECE + 12_345],
];

/** Names that a shell, a file system or a terminal may trip over. */
const names = [
  'with blanks  and "quotes".txt',
  'ümläut – 日本語 😀.txt',
  '-dash.txt',
  `${'n'.repeat(251)}.txt`,
  "it's $HOME `tick` ; &.txt",
];

/** As long as a word may be, in letters that take three bytes each. */
const longest = '名'.repeat(1024);

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
const put = (name: string, bytes: Buffer | string) => (folder: string) => {
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'src', name), bytes);
};
const same = (one: string, other: string) => (folder: string) => {
  expect(readFileSync(join(folder, other)).equals(readFileSync(join(folder, one)))).toBe(true);
  expect(existsSync(join(folder, `${other}.part`))).toBe(false);
};

const everySize: Case[] = sizes.flatMap(([name, sizeBytes]) => [
  {
    ...done('alice', `upload_file {dir}/src/${name} team`, {
      name,
      size: sizeBytes,
      pieces: Math.ceil(sizeBytes / PIECE),
      sha1: createHash('sha1').update(bytesFor(name, sizeBytes)).digest('hex'),
      settled: true,
    }),
    before: put(name, bytesFor(name, sizeBytes)),
  },
  done('bob', `download_file team ${name} {dir}/bob-${name}`),
  { ...done('bob', 'wait --timeout 30', { failed: 0 }), after: same(`src/${name}`, `bob-${name}`) },
]);

const everyName: Case[] = names.flatMap((name) => [
  {
    ...done('alice', `upload_file team ${quoted(`{dir}/src/${name}`)}`, { name }),
    before: put(name, `content of ${name}`),
  },
  done('bob', `download_file team ${quoted(name)} {dir}/into/`),
  { ...done('bob', 'wait --timeout 30', { failed: 0 }), after: same(`src/${name}`, `into/${name}`) },
]);

export const fileCases: readonly Case[] = [
  done('alice', 'list_files team', { files: [] }),
  refused('alice', 'upload_file', 'usage'),
  refused('alice', 'upload_file {dir}/src/none.bin team', 'path_not_found', /none\.bin/),
  refused('alice', 'upload_file team {dir}/src/none.bin', 'path_not_found', /none\.bin/),
  { ...refused('alice', 'upload_file {dir}/src/a.txt nowhere', 'no_such_group', /nowhere/), before: put('a.txt', 'a') },
  refused('carol', 'upload_file {dir}/src/a.txt team', 'not_member'),
  refused('carol', 'download_file team a.txt {dir}/x', 'not_member'),
  refused('bob', 'download_file team a.txt {dir}/x', 'no_such_file', /a\.txt/),
  refused('bob', 'download_file nowhere a.txt {dir}/x', 'no_such_group'),
  refused('bob', 'download_file team a.txt', 'usage'),
  refused('bob', `download_file team ${longest} {dir}/x`, 'no_such_file'),
  refused('bob', `stop_share team ${longest}`, 'no_such_file'),
  refused('bob', "download_file team '' {dir}/x", 'no_such_file'),
  refused('bob', "stop_share team ''", 'no_such_file'),
  refused('bob', 'remove_file team ../a?b&c=d#e%00', 'no_such_file'),
  refused('bob', "download_file team a.txt ''", 'usage', /destination/),
  refused('alice', "upload_file '' team", 'usage', /file_path/),
  refused('alice', "upload_file --name '' {dir}/src/none.bin team", 'path_not_found'),
  refused('bob', `remove_file team ${longest}`, 'no_such_file'),
  refused('bob', `download_file team a.txt {dir}/${longest}`, 'no_such_file'),
  refused('alice', `upload_file {dir}/${longest} team`, 'path_not_found'),
  { ...done('bob', 'whoami'), before: (folder) => void mkdirSync(join(folder, 'into')) },
  ...everySize,
  ...everyName,
  { ...refused('alice', 'upload_file --name a/b {dir}/src/a.txt team', 'unsafe_name'), before: put('a.txt', 'a') },
  refused('alice', 'upload_file --name .. {dir}/src/a.txt team', 'unsafe_name'),
  refused('alice', 'upload_file --name CON {dir}/src/a.txt team', 'unsafe_name'),
  refused('alice', `upload_file --name ${'n'.repeat(256)} {dir}/src/a.txt team`, 'unsafe_name'),
  done('alice', 'upload_file --name b.txt {dir}/src/a.txt team', { name: 'b.txt', size: 1 }),
  done('alice', 'upload_file --file {dir}/src/a.txt --group team', { name: 'a.txt', size: 1 }),
  done('alice', 'upload_file {dir}/src/a.txt team', { name: 'a.txt' }),
  // Equal content by another member is one more seeder; other content under the name is refused.
  {
    ...done('bob', 'upload_file {dir}/bob/a.txt team', { name: 'a.txt' }),
    before: (folder) => {
      mkdirSync(join(folder, 'bob'));
      writeFileSync(join(folder, 'bob', 'a.txt'), 'a');
    },
  },
  done('bob', 'shares', undefined, /a\.txt/),
  {
    ...refused('bob', 'upload_file {dir}/other/a.txt team', 'name_taken', /--name/),
    before: (folder) => {
      mkdirSync(join(folder, 'other'));
      writeFileSync(join(folder, 'other', 'a.txt'), 'b');
    },
  },
  // Destinations.
  {
    ...refused('bob', 'download_file team b.txt {dir}/bob/b.txt', 'destination_exists', /b\.txt/),
    before: (folder) => writeFileSync(join(folder, 'bob', 'b.txt'), 'mine'),
  },
  refused('bob', 'download_file team b.txt {dir}/no/such/folder/b.txt', 'path_not_found', /folder/),
  { ...done('bob', 'download_file team b.txt {dir}/bob/c.txt'), before: () => undefined },
  { ...done('bob', 'wait', { failed: 0 }), after: same('src/a.txt', 'bob/c.txt') },
  done('bob', 'show_downloads', undefined, /^\[C\] \[team\] b\.txt$/m),
  // A second download of what is here already is a checked copy.
  { ...done('bob', 'download_file team b.txt {dir}/bob/d.txt'), after: same('src/a.txt', 'bob/d.txt') },
  refused('bob', 'pause_download team nothing', 'no_such_download'),
  refused('bob', 'resume_download team nothing', 'no_such_download'),
  refused('bob', 'cancel_download team nothing', 'no_such_download'),
  done('bob', 'cancel_download team b.txt', {}),
  // Stopping: the last intent frees the name.
  refused('alice', 'stop_share team nothing', 'no_such_file'),
  refused('carol', 'stop_share team a.txt', 'not_member'),
  done('alice', 'stop_share team a.txt'),
  refused('alice', 'stop_share team a.txt', 'no_such_file'),
  refused('alice', 'upload_file {dir}/other/a.txt team', 'name_taken'),
  done('bob', 'stop_share team a.txt'),
  done('alice', 'upload_file {dir}/other/a.txt team', { name: 'a.txt' }),
  refused('bob', 'remove_file team nothing', 'no_such_file'),
  refused('bob', 'remove_file team a.txt', 'not_owner'),
  done('alice', 'remove_file team a.txt'),
  refused('bob', 'download_file team a.txt {dir}/e.txt', 'no_such_file'),
  done('alice', 'upload_file {dir}/src/a.txt team', { name: 'a.txt' }),
  // Waiting without a seeder, pausing, giving up.
  done('alice', 'upload_file --name w.bin {dir}/src/five.bin team'),
  done('alice', 'logout'),
  done('bob', 'download_file team w.bin {dir}/w.bin'),
  refused('bob', 'wait --timeout 2', 'timeout'),
  done('bob', 'show_downloads', undefined, /^\[W\] \[team\] w\.bin 0% .*/m),
  refused('bob', 'download_file team w.bin {dir}/w2.bin', 'download_exists'),
  refused('bob', 'upload_file --name w.bin {dir}/src/five.bin team', 'download_exists', /shared as it comes in/),
  refused('bob', 'stop_share team w.bin', 'no_such_file'),
  done('bob', 'pause_download team w.bin'),
  done('bob', 'show_downloads', undefined, /^\[P\] \[team\] w\.bin/m),
  done('bob', 'wait', { failed: 0 }),
  done('bob', 'resume_download team w.bin'),
  done('alice', 'login alice secret-2', { user: 'alice' }),
  { ...done('bob', 'wait --timeout 20', { failed: 0 }), after: same('src/five.bin', 'w.bin') },
  done('alice', 'stop_share team w.bin'),
  done('bob', 'stop_share team w.bin'),
  // A source that moved is told at login and mended by a new upload.
  {
    ...done('alice', 'logout'),
    after: (folder) => renameSync(join(folder, 'src', 'one.bin'), join(folder, 'src', 'moved.bin')),
  },
  done('alice', 'login alice secret-2', { problems: [{ file: 'one.bin', state: 'missing' }] }, /one\.bin/),
  done('alice', 'shares', undefined, /missing/),
  done('alice', 'upload_file --name one.bin {dir}/src/moved.bin team', { name: 'one.bin' }),
  refused('alice', 'wait --timeout soon', 'usage'),
  refused('alice', 'why team nothing', 'no_such_download'),
];
