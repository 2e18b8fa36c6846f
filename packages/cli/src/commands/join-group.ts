import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const joinGroup = command({
  name: 'join_group',
  arguments: [group],
  example: 'join_group team',
  notes: 'The owner decides: list_groups shows your standing.',
  params: ({ group }) => ({ group }),
  render: (result, { group }) => `asked to join ${group}: its owner decides${unsettled(result)}`,
});
