import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const renameGroup = command({
  name: 'rename_group',
  arguments: [group, { key: 'name', shown: 'new_group_id', kind: 'name' }],
  example: 'rename_group team~4f0a team2',
  notes: 'For the loser of a name that was made on two trackers while they were cut from each other.',
  params: ({ group, name }) => ({ group, name }),
  render: (result, { group, name }) => `${group} is ${name} now${unsettled(result)}`,
});
