import { latest } from '../format/latest.ts';
import type { Row, RowState } from './rows.ts';

export const FILTERS = ['all', 'downloading', 'sharing', 'waiting', 'paused', 'finished', 'error'] as const;
export type Filter = (typeof FILTERS)[number];

export const filterNames = {
  all: 'All',
  downloading: 'Downloading',
  sharing: 'Sharing',
  waiting: 'Waiting',
  paused: 'Paused',
  finished: 'Finished',
  error: 'Errors',
} as const satisfies Record<Filter, string>;

export const isFilter = (text: string | undefined): text is Filter => FILTERS.some((filter) => filter === text);

const filterOf = {
  downloading: 'downloading',
  verifying: 'downloading',
  sharing: 'sharing',
  waiting: 'waiting',
  paused: 'paused',
  finished: 'finished',
  error: 'error',
} as const satisfies Record<RowState, Exclude<Filter, 'all'>>;

/** A finished download that is shared on is found under both. */
export const belongs = (row: Row, filter: Filter): boolean =>
  filter === 'all' || filterOf[row.state] === filter || (filter === 'sharing' && row.share?.state === 'offered');

export const countsOf = latest((rows: readonly Row[]): Record<Filter, number> => {
  const counts = Object.fromEntries(FILTERS.map((filter) => [filter, 0])) as Record<Filter, number>;
  counts.all = rows.length;
  for (const row of rows) {
    const own = filterOf[row.state];
    counts[own]++;
    if (own !== 'sharing' && belongs(row, 'sharing')) counts.sharing++;
  }
  return counts;
});

const texts = new WeakMap<Row, string>();

/** Its name and group, in lower case: made once, as long as the row is the same one, which those of shares are for long. */
function textOf(row: Row): string {
  let text = texts.get(row);
  if (text === undefined) {
    text = `${row.file}\n${row.group}`.toLowerCase();
    texts.set(row, text);
  }
  return text;
}

/** Whether the row's name or group holds that text, which is in lower case. */
export const holds = (row: Row, text: string): boolean => textOf(row).includes(text);

/** For whoever is about to search: the first letter is not to wait for what can be done before. */
export const prepareSearch = (rows: readonly Row[]): void => rows.forEach(textOf);
