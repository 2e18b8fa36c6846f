import { ShareFiles } from '@peerage/storage';
import { expect, test } from 'vitest';
import { chooseFiles } from './choose-files.ts';

const paths = [
  '.hidden',
  '[x].jpg',
  'a.jpg',
  'raw/a.jpg',
  'raw/b.cr2',
  'raw/old/c.cr2',
  'text/é.txt',
  'text/with blank.txt',
];
const files = ShareFiles.of(
  paths.map((path) => ({ path: path.split('/'), sizeBytes: 1, sha1: new Uint8Array(20) })),
  [],
);
const choose = (...patterns: string[]) => {
  const chosen = chooseFiles(files, patterns);
  return paths.filter((_, file) => chosen[file]);
};

test.each([
  [['a.jpg'], ['a.jpg', 'raw/a.jpg']],
  [['raw/a.jpg'], ['raw/a.jpg']],
  [['*.jpg'], ['[x].jpg', 'a.jpg', 'raw/a.jpg']],
  [['raw'], ['raw/a.jpg', 'raw/b.cr2', 'raw/old/c.cr2']],
  [['raw/'], ['raw/a.jpg', 'raw/b.cr2', 'raw/old/c.cr2']],
  [['./raw/*.cr2'], ['raw/b.cr2']],
  [['raw/**/*.cr2'], ['raw/b.cr2', 'raw/old/c.cr2']],
  [['old'], ['raw/old/c.cr2']],
  [['*.{jpg,txt}'], ['[x].jpg', 'a.jpg', 'raw/a.jpg', 'text/é.txt', 'text/with blank.txt']],
  [['[x].jpg'], ['[x].jpg']],
  [
    ['e\u0301.txt', '.hidden'],
    ['.hidden', 'text/é.txt'],
  ],
  [['nothing', '../a.jpg', '*.JPG', ''], []],
])('%j chooses %j', (patterns, expected) => {
  expect(choose(...patterns)).toEqual(expected);
});

test('without patterns all are chosen', () => {
  expect(chooseFiles(files, null)).toEqual(new Uint8Array(8).fill(1));
});
