import { expect, test } from 'vitest';
import { commandWords } from './command-words.ts';

const film = { group: 'team', file: "bob's film.mkv" };

test.each([
  [commandWords('login', { user: 'alice', password: 'secret' }), 'login alice'],
  [commandWords('pause_download', film), `pause_download team 'bob'\\''s film.mkv'`],
  [commandWords('cancel_download', { ...film, data: 'keep' }), `cancel_download team 'bob'\\''s film.mkv' --data keep`],
  [
    commandWords('download_file', { group: 'team', file: 'photos', destination: '/in box', cwd: '/', only: ['a*'] }),
    `download_file team photos '/in box' --only 'a*'`,
  ],
  [
    commandWords('limit', { change: { what: 'down', rate: 1_500_000 }, ...film }),
    `limit down 1500kB/s team 'bob'\\''s film.mkv'`,
  ],
  [commandWords('limit', { change: { what: 'slow', on: true } }), 'limit slow on'],
  [commandWords('limit', { change: { what: 'up', rate: null } }), 'limit up off'],
  [commandWords('create_group', { group: '' }), `create_group ''`],
])('%s', (words, expected) => {
  expect(words).toBe(expected);
});
