import { expect, test } from 'vitest';
import type { DialFailure } from '../net/dial-failure.ts';
import type { PeerFacts, WhyFacts } from './facts.ts';
import { reasonsFor, reasonToWait } from './reasons.ts';

const calm: WhyFacts = {
  state: 'D',
  phase: 'fetching',
  reason: null,
  lackedPieces: 10,
  unavailable: { count: 0, first: [] },
  unstoredPieces: 0,
  bytesPerSecond: 0,
  limitBytesPerSecond: null,
  hasMembership: true,
  hasTracker: true,
  peers: [],
};

const peer = (user: string, facts: Partial<PeerFacts> = {}): PeerFacts => ({
  user,
  device: `device of ${user}`,
  connected: true,
  addresses: 1,
  failures: [],
  banned: false,
  lackedPieces: 5,
  serves: true,
  askedBlocks: 4,
  bytesPerSecond: 2e6,
  ...facts,
});
const away = (user: string, facts: Partial<PeerFacts> = {}) =>
  peer(user, { connected: false, lackedPieces: 0, serves: false, askedBlocks: 0, bytesPerSecond: 0, ...facts });

const dead: DialFailure = { words: '192.0.2.1:7801 does not answer', ofMembership: false };
const ended: DialFailure = { words: '192.0.2.1:7801 shows a membership that has ended', ofMembership: true };

test.each<[string, Partial<WhyFacts>, readonly (readonly [string, RegExp])[]]>([
  ['complete', { state: 'C' }, [['complete', /complete/]]],
  ['failed', { state: 'E', reason: { code: 'integrity', message: 'it is damaged' } }, [['failed', /it is damaged/]]],
  ['paused', { state: 'P', peers: [away('bob', { failures: [dead] })] }, [['paused', /resume_download/]]],
  ['verifying', { state: 'V' }, [['verifying', /being read/]]],
  [
    'a full disk',
    { state: 'W', reason: { code: 'no_space', message: '/x is full: make space' } },
    [['disk', /\/x is full/]],
  ],
  ['nobody there', { state: 'W' }, [['no_seeders', /nobody .* online/]]],
  [
    'no membership',
    { state: 'W', hasMembership: false, hasTracker: false },
    [
      ['membership', /can't be renewed/],
      ['tracker', /no tracker/],
    ],
  ],
  [
    'no tracker, all else well',
    { hasTracker: false, bytesPerSecond: 1, peers: [peer('bob')] },
    [['tracker', /no tracker answers/]],
  ],
  [
    'a piece that nobody has',
    { unavailable: { count: 1, first: [17] }, lackedPieces: 1, peers: [peer('bob', { lackedPieces: 0 })] },
    [['piece_unavailable', /^nobody who is connected has piece 17$/]],
  ],
  [
    'many pieces that nobody has',
    { unavailable: { count: 9, first: [1, 2, 3, 4, 5] }, lackedPieces: 12, peers: [peer('bob')] },
    [['piece_unavailable', /pieces 1, 2, 3, 4, 5 and 4 more; the rest comes meanwhile/]],
  ],
  [
    'somebody out of reach',
    { state: 'W', peers: [away('bob', { failures: [dead] })] },
    [['unreachable', /bob is online.*192\.0\.2\.1:7801 does not answer.*open port/]],
  ],
  [
    'somebody whose membership has ended',
    { state: 'W', peers: [away('bob', { failures: [ended] })] },
    [
      [
        'unreachable',
        /192\.0\.2\.1:7801 shows a membership that has ended\), and has not reached this device either: it goes on when a tracker/,
      ],
    ],
  ],
  [
    'somebody whose membership has ended at one of two addresses',
    { state: 'W', peers: [away('bob', { addresses: 2, failures: [ended, dead] })] },
    [['unreachable', /membership that has ended, .* does not answer.*open port/]],
  ],
  [
    'somebody without an address',
    { state: 'W', peers: [away('bob', { addresses: 0 })] },
    [['unreachable', /told no address/]],
  ],
  [
    'one of two addresses failed so far',
    { peers: [away('bob', { addresses: 2, failures: [dead] })] },
    [['starting', /just begun/]],
  ],
  [
    'a liar',
    { state: 'W', peers: [away('mallory', { banned: true })] },
    [
      ['no_seeders', /./],
      ['banned', /mallory sent wrong data/],
    ],
  ],
  [
    'their uplink',
    { bytesPerSecond: 2e6, peers: [peer('alice', { askedBlocks: 64 })] },
    [['uplink', /alice gives 2\.0 MB\/s/]],
  ],
  [
    'a slow uplink',
    { bytesPerSecond: 2e4, peers: [peer('alice', { askedBlocks: 64, bytesPerSecond: 20_400 })] },
    [['uplink', /alice gives 20 kB\/s/]],
  ],
  [
    'your limit',
    { bytesPerSecond: 9e5, limitBytesPerSecond: 1e6, peers: [peer('alice', { askedBlocks: 64 })] },
    [['limit', /your limit of 1\.0 MB\/s: limit/]],
  ],
  [
    'a limit that is far',
    { bytesPerSecond: 2e5, limitBytesPerSecond: 1e6, peers: [peer('alice', { askedBlocks: 64 })] },
    [['uplink', /./]],
  ],
  ['your disk', { unstoredPieces: 4, peers: [peer('alice', { askedBlocks: 64 })] }, [['disk', /4 pieces wait/]]],
  [
    'not our turn',
    { peers: [peer('alice', { serves: false, askedBlocks: 0, bytesPerSecond: 0 })] },
    [['waiting_turn', /alice serves others/]],
  ],
  ['nothing', { bytesPerSecond: 5e6, peers: [peer('alice')] }, [['none', /nothing holds it up/]]],
  ['just begun', { peers: [peer('alice', { bytesPerSecond: 0, askedBlocks: 1 })] }, [['starting', /look again/]]],
])('%s', (_, facts, expected) => {
  const reasons = reasonsFor({ ...calm, ...facts });
  expect(reasons.map(({ code }) => code)).toEqual(expected.map(([code]) => code));
  for (const [at, [, words]] of expected.entries()) expect(reasons[at]!.message).toMatch(words);
  for (const { message } of reasons) expect(message).toMatch(/[^.]$/);
});

test('whom and which pieces it is about is told to programs, and only a few are named', () => {
  const many = Array.from({ length: 30 }, (_, at) => away(`user${at}`, { failures: [dead] }));
  const reasons = reasonsFor({ ...calm, state: 'W', peers: many });
  expect(reasons).toHaveLength(5);
  expect(reasons[0]).toMatchObject({ code: 'unreachable', user: 'user0' });
  const lacking = { unavailable: { count: 2, first: [3, 4] }, peers: [peer('bob', { lackedPieces: 0 })] };
  expect(reasonsFor({ ...calm, ...lacking })[0]).toMatchObject({ pieces: [3, 4] });
});

test('what show_downloads says of a download that waits is the first of them', () => {
  expect(reasonToWait(calm).code).toBe('no_seeders');
  expect(reasonToWait({ ...calm, hasMembership: false }).code).toBe('membership');
  expect(reasonToWait({ ...calm, peers: [away('bob', { failures: [dead] })] }).code).toBe('unreachable');
});
