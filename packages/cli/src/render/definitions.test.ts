import { expect, test } from 'vitest';
import { definitions } from './definitions.ts';
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
