import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { group, requester } from './words-for.ts';

export const rejectRequest = command({
  name: 'reject_request',
  arguments: [group, requester],
  example: 'reject_request team bob',
  notes: 'The first decision wins.',
  params: ({ group, user }) => ({ group, user }),
  render: (result, { group, user }) => `the request of ${user} for ${group} is turned down${unsettled(result)}`,
});
