import { command } from './command.ts';
import { download, group } from './words-for.ts';

export const cancelDownload = command({
  name: 'cancel_download',
  arguments: [group, download],
  example: "cancel_download team 'my file.iso'",
  params: ({ group, file }) => ({ group, file }),
  render: ({ removed }, { group, file }) =>
    `ended [${group}] ${file}${removed === null ? '' : `; the partial data ${removed} is removed`}`,
});
