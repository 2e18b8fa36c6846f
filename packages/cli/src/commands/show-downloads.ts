import { downloadLine } from '../render/download-line.ts';
import { command } from './command.ts';

export const showDownloads = command({
  name: 'show_downloads',
  arguments: [],
  example: 'show_downloads',
  notes: '[D] downloading, [C] complete, [V] verifying, [P] paused, [W] waiting, [E] failed.',
  params: () => ({}),
  render: ({ downloads }, _words, look) =>
    downloads.length === 0 ? 'no downloads' : downloads.map((download) => downloadLine(download, look)).join('\n'),
});
