import { columns } from '../render/columns.ts';
import { showTime } from '../render/quantities.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const activity = command({
  name: 'activity',
  arguments: [group, { key: 'file', shown: 'file_name', kind: 'file', optional: true }],
  example: 'activity team',
  notes:
    'Who asked, joined, left, shared and stopped, and what became of your downloads; with a file the log of that transfer alone. Kept by the client since its start.',
  params: ({ group, file }) => ({ group, ...(file !== undefined && { file }) }),
  render: ({ entries }, { group }, look) =>
    entries.length === 0
      ? `nothing has happened in ${group} since this client started`
      : columns(
          ['when', 'what'],
          [...entries].reverse().map(({ at, message }) => [showTime(at), message]),
          look,
        ),
});
