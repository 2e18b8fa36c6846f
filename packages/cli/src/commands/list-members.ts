import { columns } from '../render/columns.ts';
import { showTime } from '../render/quantities.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const listMembers = command({
  name: 'list_members',
  arguments: [group],
  example: 'list_members team',
  params: ({ group }) => ({ group }),
  render: ({ members }, _words, look) =>
    columns(
      ['user', 'role', 'online'],
      members.map(({ user, role, online, last_seen }) => [
        user,
        role,
        online ? 'yes' : last_seen === null ? 'no' : `last seen ${showTime(last_seen)}`,
      ]),
      look,
    ),
});
