import type { Download } from '@peerage/contract';
import { cleanAll } from '../render/clean.ts';
import { downloadBar } from '../render/download-bar.ts';
import { downloadLine } from '../render/download-line.ts';
import { command } from './command.ts';
import { followDownloads } from './follow-downloads.ts';

const isUnfinished = ({ state }: Download): boolean => state === 'D' || state === 'V' || state === 'W';

export const showDownloads = command({
  name: 'show_downloads',
  arguments: [],
  options: [{ key: 'watch', meaning: 'show how they move until all are done; Ctrl-C leaves them running' }],
  example: 'show_downloads --watch',
  notes: '[D] downloading, [C] complete, [V] verifying, [P] paused, [W] waiting, [E] failed.',
  params: () => ({}),
  follow: async (result, { watch }, following) => {
    if (!watch) return result;
    const downloads = await followDownloads(following, (now) => {
      following.live?.((look) => cleanAll(now).map((download) => downloadBar(download, look)));
      return !now.some(isUnfinished);
    });
    return { downloads };
  },
  endsByInterrupt: (words) => words.watch === true,
  render: ({ downloads }, _words, look) =>
    downloads.length === 0 ? 'no downloads' : downloads.map((download) => downloadLine(download, look)).join('\n'),
});
