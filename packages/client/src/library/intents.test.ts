import { PeerageError } from '@peerage/contract';
import { beforeEach, expect, test } from 'vitest';
import { Intents } from './intents.ts';

const [film, song] = ['f'.repeat(40), 's'.repeat(40)];

/** What each tracker lists for this device, and whether it holds all that the others have. */
let at: Record<string, { shares: string[]; complete: boolean }>;
let serving: string;
let trackers: string[];
let nowMs: number;
let intents: Intents;
beforeEach(() => {
  [serving, trackers, nowMs] = ['one', ['one', 'two'], 0];
  at = { one: { shares: [film], complete: true }, two: { shares: [], complete: false } };
  const link = {
    call: async () => {
      const listed = at[serving];
      if (!listed) throw new PeerageError('tracker_unreachable', 'nobody answers');
      return {
        shares: listed.shares.map((infoHash) => ({ group: 'g', infoHash, name: 'n' })),
        complete: listed.complete,
      };
    },
    get servingAddress() {
      return serving;
    },
    get trackers() {
      return trackers.map((address) => ({ address, serving: address === serving, reachable: true }));
    },
  };
  intents = new Intents(link as never, () => nowMs);
});

const hasEnded = async (infoHash = film) => (await intents.ask())!.hasEnded(infoHash);

test('what a tracker had and has no more was ended', async () => {
  expect(await hasEnded()).toBe(false);
  at['one']!.shares = [];
  at['one']!.complete = false; // whatever others may know
  expect(await hasEnded()).toBe(true);
  intents.acknowledged(song);
  expect(await hasEnded(song)).toBe(true);
});

test('what a tracker never had is not ended by that, until it holds everything and leaves it out twice', async () => {
  expect(await hasEnded()).toBe(false);
  serving = 'two';
  for (nowMs of [0, 60_000, 120_000]) expect(await hasEnded()).toBe(false);
  at['two']!.complete = true;
  expect(await hasEnded()).toBe(false);
  nowMs += 2_999;
  expect(await hasEnded()).toBe(false);
  nowMs += 1;
  expect(await hasEnded()).toBe(true);
});

test('being listed meanwhile begins the two looks anew; another login forgets who had what', async () => {
  serving = 'two';
  at['two'] = { shares: [], complete: true };
  expect(await hasEnded()).toBe(false);
  at['two']!.shares = [film];
  expect((await intents.ask())!.has(film)).toBe(true);
  intents.forget();
  at['two']!.shares = [];
  nowMs += 60_000;
  expect(await hasEnded()).toBe(false);
});

test('a tracker that is alone knows everything; none knows nothing', async () => {
  trackers = ['one'];
  at['one'] = { shares: [], complete: true };
  expect(await hasEnded()).toBe(true);
  at = {};
  expect(await intents.ask()).toBeUndefined();
});

test('an answer that was made before a tracker acknowledged something ends nothing of that', async () => {
  trackers = ['one'];
  at['one'] = { shares: [], complete: true };
  const asked = intents.ask();
  intents.acknowledged(film);
  expect((await asked)!.hasEnded(film)).toBe(false);
  expect(await hasEnded()).toBe(true);
});
