import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';

export const renameUser = command({
  name: 'rename_user',
  arguments: [{ key: 'name', shown: 'new_user_id', kind: 'name' }],
  example: 'rename_user alice2',
  notes: 'For the loser of a name that was made on two trackers while they were cut from each other.',
  params: ({ name }) => ({ name }),
  render: (result, { name }) => `you are ${name} now${unsettled(result)}`,
});
