import type { Download, Movement } from '@peerage/contract';
import { expect, test } from 'vitest';
import { DownloadChanges } from './download-changes.ts';

const download = (id: string, more: Partial<Download> = {}): Download => ({
  id,
  state: 'D',
  group: 'team',
  file: `${id}.bin`,
  destination: `/home/${id}.bin`,
  size: 1000,
  done: 0,
  rate: 0,
  eta: null,
  peers: 0,
  reason: null,
  up_rate: 0,
  uploaded: 0,
  availability: null,
  sources: [],
  ...more,
});
const movement = (id: string, more: Partial<Movement> = {}): Movement => ({
  id,
  state: 'D',
  done: 500,
  rate: 100,
  peers: 2,
  up_rate: 0,
  uploaded: 0,
  availability: 1.5,
  ...more,
});

test('the last word on each download counts, and the order stays', () => {
  const changes = new DownloadChanges();
  changes.move(movement('a', { done: 100 }));
  changes.move(movement('a'));
  changes.put(download('b', { state: 'P' }));
  changes.move(movement('b', { state: 'P', done: 7, rate: 0 }));
  changes.remove('c');
  changes.move(movement('c'));
  changes.put(download('e'));
  const known = ['a', 'b', 'c', 'd'].map((id) => download(id));
  const { downloads, isStale } = changes.apply(known);
  expect(downloads).toEqual([
    download('a', { done: 500, rate: 100, peers: 2, eta: 5, availability: 1.5 }),
    download('b', { state: 'P', done: 7, peers: 2, availability: 1.5 }),
    known[3],
    download('e'),
  ]);
  expect(downloads[2]).toBe(known[3]); // what did not change is the same
  expect(isStale).toBe(false);
  expect(changes.apply(downloads).downloads).toEqual(downloads);
});

test.each([
  ['is not known', movement('z')],
  ['is known in another state', movement('a', { state: 'V' })],
])('a movement of a download that %s asks for all anew', (_, told) => {
  const changes = new DownloadChanges();
  changes.move(told);
  expect(changes.apply([download('a')]).isStale).toBe(true);
});
