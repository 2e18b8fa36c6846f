import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const handOver = command({
  name: 'hand_over',
  arguments: [group, { key: 'user', shown: 'user_id', kind: 'member' }],
  example: 'hand_over team bob',
  notes: 'From then on that member decides who joins. You stay a member, and only the new owner can give it back.',
  params: ({ group, user }) => ({ group, user }),
  render: (result, { group, user }) => `${user} owns ${group} now; you are a member${unsettled(result)}`,
});
