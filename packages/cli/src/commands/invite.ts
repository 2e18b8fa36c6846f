import { command } from './command.ts';
import { group } from './words-for.ts';

export const invite = command({
  name: 'invite',
  arguments: [group],
  example: 'invite team',
  notes:
    'Give the line to whoever should join: it holds the trackers, their keys and the group, and no secret. The owner still decides.',
  params: ({ group }) => ({ group }),
  render: ({ invitation }) => invitation,
});
