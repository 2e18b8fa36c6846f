import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const leaveGroup = command({
  name: 'leave_group',
  aliases: ['leaves_group'],
  arguments: [group],
  example: 'leave_group team',
  notes: "An owner who leaves hands over to the longest-standing member; the last member's leaving ends the group.",
  params: ({ group }) => ({ group }),
  render: (result, { group }) => {
    const after = result.ended ? ', which is ended' : result.new_owner ? `, ${result.new_owner} owns it now` : '';
    return `left ${group}${after}${unsettled(result)}`;
  },
});
