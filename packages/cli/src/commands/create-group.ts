import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const createGroup = command({
  name: 'create_group',
  arguments: [group],
  example: 'create_group team',
  params: ({ group }) => ({ group }),
  render: (result, { group }) => `group ${group} is made, you own it${unsettled(result)}`,
});
