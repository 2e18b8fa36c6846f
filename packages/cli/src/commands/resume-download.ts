import { command } from './command.ts';
import { download, group } from './words-for.ts';

export const resumeDownload = command({
  name: 'resume_download',
  arguments: [group, download],
  example: "resume_download team 'my file.iso'",
  params: ({ group, file }) => ({ group, file }),
  render: (_result, { group, file }) => `going on with [${group}] ${file}`,
});
