import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { group, requester } from './words-for.ts';

export const acceptRequest = command({
  name: 'accept_request',
  arguments: [group, requester],
  example: 'accept_request team bob',
  notes: 'The first decision wins.',
  params: ({ group, user }) => ({ group, user }),
  render: (result, { group, user }) => `${user} is a member of ${group} now${unsettled(result)}`,
});
