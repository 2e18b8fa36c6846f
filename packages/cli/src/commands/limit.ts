import { PeerageError } from '@peerage/contract';
import { showRate } from '../render/quantities.ts';
import { command } from './command.ts';

const LEAST_BYTES_PER_SECOND = 16_000;
const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** `5MB/s`, `500 kB/s`, `2MiB`, `off`; null: no limit. */
export function readRate(text: string): number | null {
  if (text.toLowerCase() === 'off') return null;
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)?(?:\/s)?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(digits) * (units[unit.toLowerCase()] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) {
    throw new PeerageError('usage', `'${text}' is no rate: 5MB/s, 500kB/s, 2MiB/s or off`);
  }
  if (bytes < LEAST_BYTES_PER_SECOND)
    throw new PeerageError('usage', 'the least limit is 16kB/s; pause_download stops a download');
  return bytes;
}

function changeOf(what: string | undefined, value: string | undefined) {
  if (what === undefined) return undefined;
  if (what !== 'up' && what !== 'down' && what !== 'slow') {
    throw new PeerageError('usage', `limit up, limit down or limit slow, not '${what}'`);
  }
  if (value === undefined) {
    throw new PeerageError(
      'usage',
      what === 'slow'
        ? 'limit slow on, or limit slow off'
        : `limit ${what} needs a rate: limit ${what} 5MB/s, or limit ${what} off`,
    );
  }
  if (what !== 'slow') return { what, rate: readRate(value) } as const;
  if (value !== 'on' && value !== 'off') throw new PeerageError('usage', 'limit slow on, or limit slow off');
  return { what, on: value === 'on' } as const;
}

export const limitWords = ({ up, down }: { readonly up: number | null; readonly down: number | null }): string =>
  `down ${down === null ? 'unlimited' : showRate(down)}, up ${up === null ? 'unlimited' : showRate(up)}`;

export const limit = command({
  name: 'limit',
  arguments: [
    { key: 'what', shown: 'up|down|slow', kind: 'name', optional: true },
    { key: 'value', shown: 'rate|on|off', kind: 'name', optional: true },
    { key: 'group', shown: 'group_id', kind: 'group', optional: true },
    { key: 'file', shown: 'file_name', kind: 'download', optional: true },
  ],
  example: 'limit up 5MB/s',
  notes:
    'Without words it shows the limits. With a group and a file it limits that download or share alone, within the limits of the client. Slow mode holds both ways to 500 kB/s until it is switched off. Limits are kept across restarts. 1 MB = 10^6 bytes.',
  params: ({ what, value, group, file }) => {
    const change = changeOf(what, value);
    if (group === undefined) return change === undefined ? {} : { change };
    if (file === undefined) throw new PeerageError('usage', 'limit of one download needs its group and its file');
    if (change?.what === 'slow') throw new PeerageError('usage', 'slow mode is for the whole client');
    return { ...(change && { change }), group, file };
  },
  render: (result) =>
    [
      `limits    ${limitWords(result)}`,
      ...(result.slow ? [`slow mode ${limitWords(result.in_force)}`] : []),
      ...result.downloads.map((own) => `[${own.group}] ${own.file}  ${limitWords(own)}`),
    ].join('\n'),
});
