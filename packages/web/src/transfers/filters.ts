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

export function countsOf(rows: readonly Row[]): Record<Filter, number> {
  const counts = Object.fromEntries(FILTERS.map((filter) => [filter, 0])) as Record<Filter, number>;
  for (const row of rows) for (const filter of FILTERS) if (belongs(row, filter)) counts[filter]++;
  return counts;
}
