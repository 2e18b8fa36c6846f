import type { Download, Share } from '@peerage/contract';
import { expect, test } from 'vitest';
import { belongs, countsOf, FILTERS, holds } from './filters.ts';
import { rowsOf } from './rows.ts';

const download = (file: string, state: Download['state']): Download => ({
  id: file,
  state,
  group: 'Team',
  file,
  destination: `/in/${file}`,
  size: 10,
  done: 10,
  rate: 0,
  eta: null,
  peers: 0,
  up_rate: 0,
  uploaded: 0,
  availability: null,
  reason: null,
  sources: [],
});
const share = (file: string, state: Share['state']): Share => ({
  group: 'Team',
  file,
  path: `/in/${file}`,
  size: 10,
  state,
  uploaded: 0,
  up_rate: 0,
  peers: 0,
});
const rows = rowsOf(
  [...'DVWPE'].map((state) => download(`is ${state}`, state as Download['state'])).concat(download('Fetched', 'C')),
  [share('Fetched', 'offered'), share('own', 'offered'), share('gone', 'missing')],
);

test('a filter counts what it lists; what is fetched and shared on is under both', () => {
  const counts = countsOf(rows);
  for (const filter of FILTERS) expect(counts[filter]).toBe(rows.filter((row) => belongs(row, filter)).length);
  expect(counts).toEqual({ all: 8, downloading: 2, sharing: 2, waiting: 1, paused: 1, finished: 1, error: 2 });
});

test('a search finds names and groups, whatever their case', () => {
  const found = (text: string) => rows.filter((row) => holds(row, text)).map(({ file }) => file);
  expect(found('fetched')).toEqual(['Fetched']);
  expect(found('team')).toHaveLength(8);
  expect(found('nothing')).toEqual([]);
});
