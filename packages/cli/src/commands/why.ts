import { command } from './command.ts';
import { download, group } from './words-for.ts';

export const why = command({
  name: 'why',
  arguments: [group, download],
  example: "why team 'my file.iso'",
  params: ({ group, file }) => ({ group, file }),
  render: ({ reasons }) => reasons.map(({ message }) => message).join('\n'),
});
