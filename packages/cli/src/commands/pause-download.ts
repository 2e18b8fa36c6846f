import { command } from './command.ts';
import { download, group } from './words-for.ts';

export const pauseDownload = command({
  name: 'pause_download',
  arguments: [group, download],
  example: "pause_download team 'my file.iso'",
  params: ({ group, file }) => ({ group, file }),
  render: (_result, { group, file }) => `paused [${group}] ${file}`,
});
