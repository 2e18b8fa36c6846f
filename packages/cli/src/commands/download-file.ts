import { command } from './command.ts';
import { file, group } from './words-for.ts';

export const downloadFile = command({
  name: 'download_file',
  arguments: [group, file, { key: 'destination', shown: 'destination_path', kind: 'path' }],
  example: "download_file team 'my file.iso' ~/Downloads",
  notes:
    'Runs in the background: show_downloads, wait. The destination is a folder or a new file name; a different file that is there already is never overwritten.',
  params: ({ group, file, destination }, cwd) => ({ group, file, destination, cwd }),
  render: ({ destination }, { group, file }) => `fetching [${group}] ${file} to ${destination}`,
});
