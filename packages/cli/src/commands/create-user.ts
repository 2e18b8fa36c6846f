import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { user } from './words-for.ts';

export const createUser = command({
  name: 'create_user',
  arguments: [
    user,
    { key: 'password', shown: 'passwd', kind: 'password', asked: { prompt: 'password for the new user', twice: true } },
  ],
  example: 'create_user alice',
  notes: 'Without <passwd> a terminal asks for it and shows nothing.',
  params: ({ user, password }) => ({ user, password }),
  render: (result, { user }) => `user ${user} is made: login ${user}${unsettled(result)}`,
});
