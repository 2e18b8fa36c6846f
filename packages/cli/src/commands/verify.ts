import { showCount } from '../render/quantities.ts';
import { command } from './command.ts';
import { file, group } from './words-for.ts';

export const verify = command({
  name: 'verify',
  arguments: [group, file],
  example: "verify team 'my file.iso'",
  notes:
    'Reads everything again. Wrong pieces of a download are fetched again, also of a finished one whose disk damaged it; a shared file that was changed is offered no more.',
  params: ({ group, file }) => ({ group, file }),
  render: ({ pieces, wrong, message }, { group, file }) =>
    wrong === 0
      ? `[${group}] ${file}: ${showCount(pieces, 'piece')} read, all right`
      : `[${group}] ${file}: ${wrong} of ${showCount(pieces, 'piece')} wrong; ${message}`,
});
