import { PeerageError } from '@peerage/contract';
import { showCount } from '../render/quantities.ts';
import { command } from './command.ts';
import { download, group } from './words-for.ts';

function readData(typed: string): 'keep' | 'remove' {
  if (typed === 'keep' || typed === 'remove') return typed;
  throw new PeerageError('usage', `--data keep or --data remove, not '${typed}'`);
}

export const cancelDownload = command({
  name: 'cancel_download',
  arguments: [group, download],
  options: [
    {
      key: 'data',
      value: 'keep|remove',
      kind: 'name',
      meaning: 'keep: partial data stays on the disk; remove: a finished file goes from the disk, too',
    },
  ],
  example: "cancel_download team 'my file.iso'",
  notes:
    'Partial data is removed and a finished file stays, unless --data says otherwise. Removing a finished file stops sharing it; what was changed since it was fetched is left alone.',
  params: ({ group, file, data }) => ({ group, file, ...(data !== undefined && { data: readData(data) }) }),
  render: ({ removed, left }, { group, file, data }) =>
    [
      `ended [${group}] ${file}`,
      ...(removed === null ? [] : [`${data === 'remove' ? '' : 'the partial data '}${removed} is removed`]),
      ...(left === undefined ? [] : [`${showCount(left, 'file')} left: not what was fetched any more`]),
    ].join('; '),
});
