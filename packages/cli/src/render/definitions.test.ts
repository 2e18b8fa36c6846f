import { expect, test } from 'vitest';
import { definitions, wrap } from './definitions.ts';
import { plainLook } from './look.ts';

const entries = [
  ['login <user_id>', 'log in; everything this user shared on this device is shared again'],
  ['exit', 'leave'],
] as const;

test('meanings stand beside their words, wrapped to the terminal, or below them where it is narrow', () => {
  const shown = (columns: number | null) => definitions(entries, { ...plainLook, columns });
  expect(shown(null)).toBe(
    'login <user_id>  log in; everything this user shared on this device is shared again\nexit             leave',
  );
  expect(shown(60)).toBe(
    [
      'login <user_id>  log in; everything this user shared on this',
      '                 device is shared again',
      'exit             leave',
    ].join('\n'),
  );
  expect(shown(40)).toBe(
    [
      'login <user_id>',
      '    log in; everything this user shared',
      '    on this device is shared again',
      'exit',
      '    leave',
    ].join('\n'),
  );
});

test('lines end where words do, keep their indentation, and a word too long for them stays whole', () => {
  const look = { ...plainLook, columns: 30 };
  expect(wrap('  give a group a new name after a conflict\nshort', look, 0)).toEqual([
    '  give a group a new name',
    '  after a conflict',
    'short',
  ]);
  expect(wrap(`key ${'x'.repeat(40)}`, look, 0)).toEqual(['key', 'x'.repeat(40)]);
  expect(wrap('as it is, however long it may be', plainLook, 0)).toHaveLength(1);
});
