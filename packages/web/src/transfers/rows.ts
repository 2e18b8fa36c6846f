import { type Download, type Share, stateWords } from '@peerage/contract';
import type { ShareMove, ShareMoves } from '../api/share-moves.ts';
import { latest } from '../format/latest.ts';
import { shown } from '../format/shown.ts';
import { keyOf } from './transfer-key.ts';

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
  readonly upRate: number;
  readonly uploaded: number;
  readonly eta: number | null;
  readonly peers: number;
  /** Whole copies of what is lacked among connected peers; null where nothing is lacked, or it can't be told. */
  readonly availability: number | null;
  readonly where: string;
  readonly download: Download | null;
  readonly share: Share | null;
}

const states = {
  D: 'downloading',
  V: 'verifying',
  W: 'waiting',
  P: 'paused',
  C: 'finished',
  E: 'error',
} as const satisfies Record<Download['state'], RowState>;

function downloadWords({ state, reason }: Download): string {
  return reason ? shown(`${stateWords[state]}: ${reason.message}`) : stateWords[state];
}

const shareWords = {
  offered: 'sharing',
  missing: 'the file is missing',
  changed: 'the file has changed',
  unreadable: 'the file cannot be read',
} as const satisfies Record<Share['state'], string>;

/** Shares change seldom, and there may be thousands. */
const shareRows = latest((shares: readonly Share[]) => new Map(shares.map(shareRow).map((row) => [row.key, row])));

const noMoves: ShareMoves = new Map();

/** Downloads and shares as one list; what was downloaded and is shared on is one line. The same list as long as nothing moves: every screen asks for it. */
export const rowsOf = latest(
  (downloads: readonly Download[], shares: readonly Share[], moves: ShareMoves = noMoves): Row[] => {
    const offered = shareRows(shares);
    const rows = downloads.map((download) => {
      const key = keyOf(download.group, download.file);
      return downloadRow(key, download, shareOf(offered.get(key)?.share ?? null, moves.get(key)));
    });
    const fetched = new Set(rows.map(({ key }) => key));
    for (const [key, row] of offered) {
      if (fetched.has(key)) continue;
      const move = moves.get(key);
      rows.push(move && row.share ? shareRow(shareOf(row.share, move)) : row);
    }
    return rows;
  },
);

const shareOf = <S extends Share | null>(share: S, move: ShareMove | undefined): S =>
  share && move ? { ...share, ...move } : share;

const downloadRow = (key: string, download: Download, share: Share | null): Row => {
  // A folder of which only some files are here is served by its download, which counts what is sent.
  const isPart = download.files !== undefined && download.files.chosen < download.files.all;
  const counted = isPart ? download : (share ?? download);
  return {
    key,
    group: download.group,
    file: download.file,
    state: states[download.state],
    words: downloadWords(download),
    size: download.size,
    done: download.done,
    downRate: download.rate,
    upRate: counted.up_rate,
    uploaded: counted.uploaded,
    eta: download.eta,
    peers: share ? share.peers : download.peers,
    availability: download.availability,
    where: download.destination,
    download,
    share,
  };
};

const shareRow = (share: Share): Row => ({
  key: keyOf(share.group, share.file),
  group: share.group,
  file: share.file,
  state: share.state === 'offered' ? 'sharing' : 'error',
  words: shareWords[share.state],
  size: share.size,
  done: share.size,
  downRate: 0,
  upRate: share.up_rate,
  uploaded: share.uploaded,
  eta: null,
  peers: share.peers,
  availability: null,
  where: share.path,
  download: null,
  share,
});
