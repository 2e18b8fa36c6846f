import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const removeMember = command({
  name: 'remove_member',
  arguments: [group, { key: 'user', shown: 'user_id', kind: 'member' }],
  example: 'remove_member team bob',
  notes: 'What the member has fetched already stays with the member.',
  params: ({ group, user }) => ({ group, user }),
  render: (result, { group, user }) =>
    `${user} is no member of ${group} any more; what was fetched already stays there${unsettled(result)}`,
});
