import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { treeOf, writeTree } from '../folders/tree.ts';
import { type Case, done, refused } from './case.ts';

const sizes = { '1.jpg': 11, '2.jpg': 222, 'raw/1.cr2': 700_000, 'empty.txt': 0 };
const size = 11 + 222 + 700_000;

const make = (folder: string) => writeTree(join(folder, 'src', 'photos'), sizes, ['none']);
const equal = (copy: string) => (folder: string) =>
  expect(treeOf(join(folder, copy))).toEqual(treeOf(join(folder, 'src', 'photos')));
/** Files below a folder, without what they hold. */
const filesIn = (folder: string) =>
  Object.entries(treeOf(folder)).flatMap(([path, hash]) => (hash === null ? [] : [path]));

/** After the table of single files: alice and bob are logged in, carol is no member. */
export const folderCases: readonly Case[] = [
  {
    ...done('alice', 'upload_file {dir}/src/photos team', {
      name: 'photos',
      size,
      files: 4,
      pieces: 2,
      renamed: [],
      links: [],
    }),
    before: make,
  },
  done('alice', 'upload_file team {dir}/src/photos --name again', { name: 'again', files: 4 }),
  done('alice', 'stop_share team again'),
  refused('carol', 'upload_file {dir}/src/photos team', 'not_member'),
  done('bob', 'list_files team', undefined, /^photos\/ +4 +700\.2 kB {2}alice/m),
  {
    ...refused('bob', 'upload_file {dir}/other/photos team', 'name_taken', /--name/),
    before: (folder) => writeTree(join(folder, 'other', 'photos'), { '1.jpg': 12 }),
  },
  refused('carol', 'download_file team photos {dir}/carol', 'not_member'),
  refused('bob', "download_file team photos {dir}/bob/some --only '*.mp3'", 'no_such_file', /\*\.mp3/),
  refused('bob', 'download_file team photos {dir}/bob/some --only', 'usage'),
  {
    ...refused('bob', 'download_file team photos {dir}/bob/a-file', 'destination_exists', /a-file/),
    before: (folder) => writeFileSync(join(folder, 'bob', 'a-file'), 'mine'),
  },
  done('bob', "download_file team photos {dir}/bob/some --only '*.jpg'", { files: { chosen: 2, all: 4 } }),
  {
    ...done('bob', 'wait --timeout 20', { failed: 0 }),
    after: (folder) => expect(filesIn(join(folder, 'bob', 'some')).sort()).toEqual(['1.jpg', '2.jpg']),
  },
  done('bob', 'show_downloads', undefined, /^\[C\] \[team\] photos/m),
  done('bob', 'shares', undefined, /photos/),
  done('bob', 'why team photos', undefined, /complete/),
  // The rest of it, into the same folder; then all of it, which is here already.
  done('bob', 'download_file team photos {dir}/bob/some', { files: { chosen: 4, all: 4 } }),
  { ...done('bob', 'wait --timeout 20', { failed: 0 }), after: equal('bob/some') },
  { ...done('bob', 'download_file team photos {dir}/bob/copy'), after: equal('bob/copy') },
  done('bob', 'verify team photos', undefined, /photos/),
  done('bob', 'cancel_download team photos'),
  done('bob', 'cancel_download team photos'),
  refused('bob', 'remove_file team photos', 'not_owner'),
  done('bob', 'stop_share team photos'),
  // Given up half-way: what is not whole goes; an empty file is whole from the start, if it got so far.
  done('alice', 'logout'),
  done('bob', 'download_file team photos {dir}/bob/late'),
  done('bob', 'show_downloads', undefined, /^\[[DW]\] \[team\] photos/m),
  {
    ...done('bob', 'cancel_download team photos'),
    after: (folder) => {
      const late = join(folder, 'bob', 'late');
      for (const left of existsSync(late) ? readdirSync(late) : []) expect(left).toBe('empty.txt');
    },
  },
  done('alice', 'login alice secret-2', { user: 'alice' }),
  done('alice', 'remove_file team photos'),
  refused('bob', 'download_file team photos {dir}/bob/late', 'no_such_file'),
  {
    ...refused('alice', 'upload_file {dir}/src/nothing-in-it/none team', 'path_not_found'),
    before: (folder) => mkdirSync(join(folder, 'src', 'nothing-in-it')),
  },
];
