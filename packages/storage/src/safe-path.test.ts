import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { failureOf } from './compliance/piece-store.ts';
import { testFolder } from './compliance/test-folder.ts';
import { StoreError } from './piece-store.ts';
import { pathInFolder, resolveDestination } from './safe-path.ts';

const inFolder = testFolder();

const attacks = [
  '',
  '.',
  '..',
  '../x',
  '..\\x',
  '../../etc/passwd',
  '/etc/passwd',
  'a/b',
  'a\\b',
  './x',
  'x/',
  'x/..',
  'C:x',
  'C:\\x',
  '\\\\server\\share',
  'a\0b',
  'a\nb',
  'a\u202eb',
  'a\u0085b',
  'NUL',
  'com1.txt',
  'x.',
  'x ',
  'e\u0301',
  'x'.repeat(256),
  'é'.repeat(128),
  '\ud800',
];

describe('names from outside', () => {
  test.each(attacks)('refuses %j', (name) => {
    expect(() => pathInFolder('/chosen', name)).toThrow(StoreError);
  });

  test.each([
    'a',
    'a b',
    '..a',
    'a..b',
    '.hidden',
    '-rf',
    '~',
    '$HOME',
    '%2e%2e',
    'x'.repeat(255),
    'é'.repeat(127),
    '名前.mkv',
  ])('takes %j', (name) => {
    expect(pathInFolder('/chosen', name)).toBe(`/chosen/${name}`);
    expect(pathInFolder('/', name)).toBe(`/${name}`);
  });
});

describe('where a download goes', () => {
  test('into a folder, also by a link to one, or to a new name in one', async () => {
    await mkdir(inFolder('folder'));
    await symlink(inFolder('folder'), inFolder('link'));
    expect(await resolveDestination(inFolder('folder'), 'name')).toBe(inFolder('folder', 'name'));
    expect(await resolveDestination(`${inFolder('folder')}/`, 'name')).toBe(inFolder('folder', 'name'));
    expect(await resolveDestination(inFolder('link'), 'name')).toBe(inFolder('link', 'name'));
    expect(await resolveDestination(inFolder('new'), 'name')).toBe(inFolder('new'));
    expect(await resolveDestination(inFolder('folder', '..', 'new'), 'name')).toBe(inFolder('new'));
  });

  test('never over something that is there, nor into what is not there', async () => {
    await mkdir(inFolder('folder'));
    await writeFile(inFolder('taken'), 'mine');
    await symlink(inFolder('nowhere'), inFolder('dangling'));
    await symlink(inFolder('loop'), inFolder('loop'));
    await mkdir(inFolder('folder', 'inside'));
    const refused = (destination: string, name = 'name') => failureOf(resolveDestination(destination, name));
    expect(await refused(inFolder('taken'))).toBe('destination_exists');
    expect(await refused(inFolder('dangling'))).toBe('destination_exists');
    expect(await refused(inFolder('folder'), 'inside')).toBe('destination_exists');
    expect(await refused(inFolder('folder'), '../taken')).toBe('unsafe_name');
    expect(await refused(inFolder('absent', 'name'))).toBe('missing');
    expect(await refused(`${inFolder('absent')}/`)).toBe('missing');
    expect(await refused(inFolder('taken', 'name'))).toBe('missing');
    expect(await refused(inFolder('loop'))).toBe('not_a_file');
    expect(await refused(inFolder('x'.repeat(300)))).toBe('unsafe_name');
  });
});
