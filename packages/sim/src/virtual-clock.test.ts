import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PLAIN_TRAITS } from './peer-traits.ts';
import { flashCrowd } from './scenarios/flash-crowd.ts';
import { PLAIN_OPTIONS } from './scenarios/options.ts';
import { runSwarm } from './swarm-run.ts';
import { VirtualClock } from './virtual-clock.ts';

const OWNERS = 4;
/** Some lie several rounds of the calendar ahead. */
const LATEST_MS = 400_000;

// Each thing that happens plans the next ones of its owner (any time from now on) or of another (not before the lookahead is over).
const happenings = fc.array(
  fc.record({
    owner: fc.nat(OWNERS - 1),
    delayMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 30, noNaN: true }), fc.nat(LATEST_MS)),
  }),
  { minLength: 1, maxLength: 60 },
);

function storiesOf(plans: readonly { owner: number; delayMs: number }[], lookaheadMs: number): string[][] {
  const clock = new VirtualClock({ lookaheadMs, owners: OWNERS });
  const stories: string[][] = Array.from({ length: OWNERS }, () => []);
  const happen = (index: number, fromOwner: number) => {
    const { owner, delayMs } = plans[index]!;
    // All times differ a little: what is said here is nothing of equal times.
    const leastMs = owner === fromOwner ? 0 : 10;
    clock.at(clock.nowMs + leastMs + delayMs + index / 1e6, owner, () => {
      stories[owner]!.push(`${index} at ${clock.nowMs}`);
      for (const next of [2 * index + 1, 2 * index + 2]) if (next < plans.length) happen(next, owner);
    });
  };
  happen(0, plans[0]!.owner);
  while (clock.step());
  expect(clock.steps).toBe(plans.length);
  return stories;
}

test('what happens to each is the same, whether owners take turns or not, and in the order of time', () => {
  fc.assert(
    fc.property(happenings, (plans) => {
      const stories = storiesOf(plans, 0);
      expect(storiesOf(plans, 10)).toEqual(stories);
      for (const story of stories) {
        const times = story.map((line) => Number(line.split(' at ')[1]));
        expect(times).toEqual(times.toSorted((left, right) => left - right));
      }
    }),
  );
});

test('equal times run in the order of planning, the past is now', () => {
  const clock = new VirtualClock({ lookaheadMs: 0, owners: OWNERS });
  const story: string[] = [];
  clock.at(2, 0, () => {
    story.push(`first at ${clock.nowMs}`);
    clock.at(1, 1, () => story.push(`past at ${clock.nowMs}`));
  });
  clock.at(2, 1, () => story.push(`second at ${clock.nowMs}`));
  clock.at(1, 1, () => story.push(`before at ${clock.nowMs}`));
  while (clock.step());
  expect(story).toEqual(['before at 1', 'first at 2', 'second at 2', 'past at 2']);
});

test('a swarm whose peers take turns does what it does in the order of time', () => {
  // No two latencies and rates are alike: equal times at one peer may run in another order.
  const plan = {
    ...flashCrowd({ ...PLAIN_OPTIONS, pieces: 24 }),
    peers: Array.from({ length: 9 }, (_, index) => ({
      ...PLAIN_TRAITS,
      isSeeder: index === 0,
      upBytesPerSecond: PLAIN_TRAITS.upBytesPerSecond * (1 + index / 7),
    })),
    latencyMs: [5, 30] as const,
  };
  const [inOrder, inTurns] = [false, true].map((turns) => {
    const result = runSwarm(plan, { seed: 3, checkEvery: 1_000, inTurns: turns });
    return { ...result, steps: 0 };
  });
  expect(inTurns).toEqual(inOrder);
});
