import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const stopShare = command({
  name: 'stop_share',
  arguments: [group, { key: 'file', shown: 'file_name', kind: 'share' }],
  example: "stop_share team 'my file.iso'",
  notes: 'It can be shared again at any time with upload_file.',
  params: ({ group, file }) => ({ group, file }),
  render: (result, { group, file }) => `this device no longer offers [${group}] ${file}${unsettled(result)}`,
});
