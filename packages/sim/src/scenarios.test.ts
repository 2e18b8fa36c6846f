import { expect, test } from 'vitest';
import { flashCrowd } from './scenarios/flash-crowd.ts';
import { liar } from './scenarios/liar.ts';
import { manySeeders } from './scenarios/many-seeders.ts';
import { runSwarm, type SwarmPlan } from './swarm-run.ts';

function figures(plan: SwarmPlan, seed: number) {
  const result = runSwarm(plan, { seed, checkEvery: 5_000 });
  return { ...result, ratio: result.durationMs / result.fluidBoundMs };
}

test('four seeders together: near the sum of their links, nothing fetched twice', () => {
  const { ratio, wastedPart } = figures(manySeeders(5), 1);
  expect(ratio).toBeLessThan(1.08);
  expect(wastedPart).toBeLessThan(0.001);
});

test('a crowd of eight on one seeder', () => {
  const { ratio, wastedPart } = figures(flashCrowd(9), 1);
  expect(ratio).toBeLessThan(1.5);
  expect(wastedPart).toBeLessThan(0.01);
});

test.for([1, 2, 3])(
  'one of four seeders sends a tenth of its blocks wrong: it is banned, hardly anything is fetched twice (seed %i)',
  (seed) => {
    const { ratio, wastedPart, bannedMembers } = figures(liar(5), seed);
    expect([...bannedMembers]).toEqual(['seeder-1']);
    expect(wastedPart).toBeLessThan(0.02);
    expect(ratio).toBeLessThan(1.15);
  },
);
