import { expect, test } from 'vitest';
import { SCENARIOS } from './scenarios/all.ts';
import { failingWrite } from './scenarios/crowds.ts';
import { MEGABIT, PLAIN_OPTIONS, type ScenarioOptions } from './scenarios/options.ts';
import { runSwarm } from './swarm-run.ts';

function figures(name: string, given: Partial<ScenarioOptions> = {}, without: readonly string[] = []) {
  const options = { ...PLAIN_OPTIONS, ...given };
  const rules = Object.fromEntries(without.map((rule) => [rule, false]));
  const result = runSwarm(SCENARIOS[name]!(options), { seed: options.seed, checkEvery: 2_000, rules });
  return { ...result, ratio: result.durationMs / result.fluidBoundMs };
}

/** Uplinks are what is narrow, as at home. */
const WIDE = { downBytesPerSecond: 400 * MEGABIT };
const SMALL = { ...WIDE, pieces: 48 };

test('four seeders together: near the sum of their links, nothing fetched twice', () => {
  const { ratio, wastedPart } = figures('many-seeders', { peers: 5, roundTripMs: 4 });
  expect(ratio).toBeLessThan(1.08);
  expect(wastedPart).toBeLessThan(0.001);
});

test('a crowd of eight on one seeder', () => {
  const { ratio, wastedPart } = figures('flash-crowd', WIDE);
  expect(ratio).toBeLessThan(1.12);
  expect(wastedPart).toBeLessThan(0.01);
});

test.for([1, 2, 3])(
  'one of four seeders sends a tenth of its blocks wrong: it is banned, hardly anything is fetched twice (seed %i)',
  (seed) => {
    const { ratio, wastedPart, bannedMembers } = figures('one-liar', { peers: 5, seed });
    expect([...bannedMembers]).toEqual(['seeder-1']);
    expect(wastedPart).toBeLessThan(0.02);
    expect(ratio).toBeLessThan(1.25);
  },
);

test('a crowd of eight whose downlinks are as narrow as the uplinks', () => {
  expect(figures('flash-crowd').ratio).toBeLessThan(1.22);
});

test('where downlinks are narrow, too, a lone seeder leaves nobody behind', () => {
  for (const seed of [1, 2, 3]) expect(figures('seeder-leaves', { seed }).seederCopies).toBeLessThan(1.2);
});

test('a lone seeder that leaves after 1.02 copies leaves nobody behind', () => {
  expect(figures('seeder-leaves', { ...WIDE, pieces: 128 }).seederCopies).toBeLessThan(1.2);
});

test.for(['seeder-returns', 'slow-peers', 'free-riders', 'liars', 'churn', 'mixed-links', 'full-disks'])(
  '%s: everybody ends complete',
  (name) => {
    figures(name, { ...SMALL, peers: 12 });
  },
);

// Without counting what they were sent as given, two of them held two honest leechers up for an hour.
test('leechers who keep asking and never say what they have get their turn, no more', () => {
  expect(figures('flash-crowd', { ...SMALL, peers: 6, silent: 2 }).ratio).toBeLessThan(2.2);
});

test('whichever write fails, its piece is fetched again and everybody ends complete', () => {
  const options = { ...PLAIN_OPTIONS, ...WIDE, pieces: 6, peers: 3 };
  for (let write = 1; write <= 6; write++) {
    const result = runSwarm(failingWrite(options, write), { seed: write, checkEvery: 50 });
    expect(result.leechers).toBe(2);
  }
});

// What a rule is worth is for `npm run sim -- … --without <rule>`; here only that each can be left out, and nothing breaks.
test.for(['whole', 'grants', 'shallow', 'spread', 'turns', 'depth', 'credit', 'endgame', 'window', 'blame'])(
  'without %s',
  (rule) => {
    figures('flash-crowd', { ...SMALL, pieces: 24 }, [rule]);
  },
);

test('a seeder gives every piece once before it gives one again', () => {
  const withRule = figures('flash-crowd', SMALL).seederCopies;
  expect(withRule).toBeLessThan(figures('flash-crowd', SMALL, ['spread']).seederCopies);
});
