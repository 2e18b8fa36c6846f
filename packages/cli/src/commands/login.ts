import { showCount } from '../render/quantities.ts';
import { shareProblems } from '../render/share-lines.ts';
import { command } from './command.ts';
import { user } from './words-for.ts';

export const login = command({
  name: 'login',
  arguments: [
    user,
    { key: 'password', shown: 'passwd', kind: 'password', asked: { prompt: 'password', twice: false } },
  ],
  example: 'login alice',
  notes:
    'Without <passwd> a terminal asks for it and shows nothing. This device is known from then on: a client that is started again logs in by itself, until logout.',
  params: ({ user, password }) => ({ user, password }),
  render: ({ user, shares, problems }) =>
    [
      `logged in as ${user}${shares > 0 ? `, sharing ${showCount(shares, 'file')}` : ''}`,
      ...shareProblems(problems),
    ].join('\n'),
});
