import type { Download, Share } from '@peerage/contract';

export type RowState = 'downloading' | 'verifying' | 'sharing' | 'waiting' | 'paused' | 'finished' | 'error';

/** One line of the transfers table: something this device fetches, offers, or both. */
export interface Row {
  /** What the address of its details says. */
  readonly key: string;
  readonly group: string;
  readonly file: string;
  readonly state: RowState;
  /** The state in words, with the reason. */
  readonly words: string;
  readonly size: number;
  readonly done: number;
  readonly downRate: number;
  readonly uploaded: number;
  readonly eta: number | null;
  readonly peers: number;
  readonly where: string;
  readonly download: Download | null;
  readonly share: Share | null;
}

export const keyOf = (group: string, file: string): string =>
  `${encodeURIComponent(group)}/${encodeURIComponent(file)}`;

const states = {
  D: 'downloading',
  V: 'verifying',
  W: 'waiting',
  P: 'paused',
  C: 'finished',
  E: 'error',
} as const satisfies Record<Download['state'], RowState>;

const stateWords = {
  D: 'downloading',
  V: 'verifying',
  W: 'waiting',
  P: 'paused',
  C: 'complete',
  E: 'failed',
} as const satisfies Record<Download['state'], string>;

function downloadWords({ state, reason }: Download): string {
  return reason ? `${stateWords[state]}: ${reason.message}` : stateWords[state];
}

const shareWords = {
  offered: 'sharing',
  missing: 'the file is missing',
  changed: 'the file has changed',
  unreadable: 'the file cannot be read',
} as const satisfies Record<Share['state'], string>;

/** Downloads and shares as one list; what was downloaded and is shared on is one line. */
export function rowsOf(downloads: readonly Download[], shares: readonly Share[]): Row[] {
  const offered = new Map(shares.map((share) => [keyOf(share.group, share.file), share]));
  const rows: Row[] = [];
  for (const download of downloads) {
    const key = keyOf(download.group, download.file);
    const share = offered.get(key) ?? null;
    if (share) offered.delete(key);
    rows.push({
      key,
      group: download.group,
      file: download.file,
      state: states[download.state],
      words: downloadWords(download),
      size: download.size,
      done: download.done,
      downRate: download.rate,
      uploaded: share?.uploaded ?? 0,
      eta: download.eta,
      peers: download.peers,
      where: download.destination,
      download,
      share,
    });
  }
  for (const [key, share] of offered) {
    rows.push({
      key,
      group: share.group,
      file: share.file,
      state: share.state === 'offered' ? 'sharing' : 'error',
      words: shareWords[share.state],
      size: share.size,
      done: share.size,
      downRate: 0,
      uploaded: share.uploaded,
      eta: null,
      peers: 0,
      where: share.path,
      download: null,
      share,
    });
  }
  return rows;
}
