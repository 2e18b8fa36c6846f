import type { Download, Share } from '@peerage/contract';
import { expect, test } from 'vitest';
import { rowsOf } from './rows.ts';

const download: Download = {
  id: '1',
  state: 'C',
  group: 'team',
  file: 'photos',
  destination: '/in/photos',
  size: 10,
  done: 10,
  rate: 0,
  eta: null,
  peers: 0,
  up_rate: 7,
  uploaded: 70,
  availability: null,
  reason: null,
  sources: [],
};
const share: Share = {
  group: 'team',
  file: 'photos',
  path: '/in/photos',
  size: 10,
  state: 'offered',
  uploaded: 20,
  up_rate: 2,
  peers: 1,
};
const sent = (...parameters: Parameters<typeof rowsOf>) =>
  rowsOf(...parameters).map(({ upRate, uploaded, peers }) => [upRate, uploaded, peers]);

test('what is finished tells what its share sends, as it moved last; a part of a folder what its download does', () => {
  expect(sent([download], [share])).toEqual([[2, 20, 1]]);
  const moves = new Map([['team/photos', { group: 'team', file: 'photos', uploaded: 25, up_rate: 5, peers: 2 }]]);
  expect(sent([download], [share], moves)).toEqual([[5, 25, 2]]);
  expect(sent([], [share, { ...share, file: 'other' }], moves)).toEqual([
    [5, 25, 2],
    [2, 20, 1],
  ]);
  const part = { ...download, files: { done: 1, chosen: 1, all: 3 } };
  expect(sent([part], [share])).toEqual([[7, 70, 1]]);
  expect(sent([download], [])).toEqual([[7, 70, 0]]);
});
