import { PeerageError } from '@peerage/contract';
import { cleanAll } from '../render/clean.ts';
import { downloadBar } from '../render/download-bar.ts';
import { showCount } from '../render/quantities.ts';
import { command, type Following } from './command.ts';
import { followDownloads } from './follow-downloads.ts';
import { file, group } from './words-for.ts';

/** Resolves when that download is complete; fails as it fails. An interruption leaves it running. */
async function completed(id: string, following: Following): Promise<void> {
  const downloads = await followDownloads(following, (now) => {
    const download = now.find((one) => one.id === id);
    if (download) following.live?.((look) => [downloadBar(cleanAll(download), look)]);
    return download === undefined || download.state === 'C' || download.state === 'E';
  });
  const download = downloads.find((one) => one.id === id);
  if (!download) throw new PeerageError('no_such_download', 'the download was cancelled before it was complete');
  if (download.state === 'E') {
    throw new PeerageError(download.reason!.code, `'${download.file}' failed: ${download.reason!.message}`);
  }
  if (download.state !== 'C') {
    throw new PeerageError('interrupted', 'interrupted: the download goes on in the background');
  }
}

export const downloadFile = command({
  name: 'download_file',
  arguments: [group, file, { key: 'destination', shown: 'destination_path', kind: 'path' }],
  options: [
    {
      key: 'only',
      value: 'PATTERN',
      kind: 'name',
      repeatable: true,
      meaning:
        'of a folder only the files that fit: a path, a folder, or a glob such as *.jpg or raw/**; may be given several times',
    },
    { key: 'wait', meaning: 'return when it is complete, with its progress; fail as it fails' },
  ],
  example: "download_file team 'my file.iso' ~/Downloads",
  notes:
    'Runs in the background: show_downloads, wait. The destination is a folder or a new name; a different file that is there already is never overwritten. More files of a folder are added to it by another download_file to the same place.',
  params: ({ group, file, destination, only }, cwd) => ({
    group,
    file,
    destination,
    cwd,
    ...(only && { only: [...only] }),
  }),
  follow: async (result, words, following) => {
    if (words.wait) await completed(result.id, following);
    return result;
  },
  render: ({ destination, files }, { group, file, wait }) => {
    const some = files && files.chosen < files.all ? ` (${files.chosen} of ${showCount(files.all, 'file')})` : '';
    return `${wait ? 'fetched' : 'fetching'} [${group}] ${file}${some} to ${destination}`;
  },
});
