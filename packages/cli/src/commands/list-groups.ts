import { columns } from '../render/columns.ts';
import { command } from './command.ts';

export const listGroups = command({
  name: 'list_groups',
  arguments: [],
  example: 'list_groups',
  params: () => ({}),
  render: ({ groups }, _words, look) =>
    groups.length === 0
      ? 'no groups yet: create_group makes one'
      : columns(
          ['group', 'owner', 'members', 'standing', 'requests'],
          groups.map(({ id, owner, members, standing, requests }) => [
            id,
            owner,
            String(members),
            standing,
            requests ? String(requests) : '',
          ]),
          look,
        ),
});
