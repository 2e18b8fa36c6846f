import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { file, group } from './words-for.ts';

export const removeFile = command({
  name: 'remove_file',
  arguments: [group, file],
  example: "remove_file team 'my file.iso'",
  notes: 'For the owner of the group and the first sharer. Copies stay where they are.',
  params: ({ group, file }) => ({ group, file }),
  render: (result, { group, file }) => `${file} is no longer listed in ${group}${unsettled(result)}`,
});
