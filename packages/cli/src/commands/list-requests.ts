import { columns } from '../render/columns.ts';
import { showTime } from '../render/quantities.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const listRequests = command({
  name: 'list_requests',
  arguments: [group],
  example: 'list_requests team',
  params: ({ group }) => ({ group }),
  render: ({ requests }, { group }, look) =>
    requests.length === 0
      ? `no pending requests in ${group}`
      : columns(
          ['user', 'requested'],
          requests.map(({ user, requested_at }) => [user, showTime(requested_at)]),
          look,
        ),
});
