import { expect, test } from 'vitest';
import { randomMishaps } from './scenarios/random-mishaps.ts';
import { runSwarm } from './swarm-run.ts';

const RUNS = 1_000;
/** Of them so many from the first seed on are looked at after every step, the others after every fiftieth: to look costs more than to run. */
const WATCHED_RUNS = 400;
const RUNS_A_TEST = 100;
/** The seeds of other hours can be tried by PEERAGE_SIM_FIRST_SEED. */
const FIRST_SEED = Number(process.env['PEERAGE_SIM_FIRST_SEED'] ?? 1);

// Each run throws where a transfer asks for what it has, asks a peer for what it lacks, asks twice outside the endgame, accuses or bans
// an honest peer, breaks an invariant, or where a leecher is not complete in the end.
test.for(Array.from({ length: RUNS / RUNS_A_TEST }, (_, turn) => FIRST_SEED + turn * RUNS_A_TEST))(
  'small swarms with random mishaps end complete: 100 runs from seed %i',
  (first) => {
    for (let seed = first; seed < first + RUNS_A_TEST; seed++) {
      try {
        runSwarm(randomMishaps(seed), { seed, checkEvery: seed < FIRST_SEED + WATCHED_RUNS ? 1 : 50 });
      } catch (error) {
        const replay = `npm run sim -- random-mishaps --seed ${seed}`;
        throw new Error(`seed ${seed}: ${(error as Error).message}\nreplay it: ${replay}`, { cause: error });
      }
    }
  },
);

test('equal seeds give equal runs', () => {
  const run = (seed: number) => runSwarm(randomMishaps(seed), { seed, checkEvery: 1000 });
  expect(run(7)).toEqual(run(7));
  expect(run(7)).not.toEqual(run(8));
});
