import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RunClock } from './run-clock.ts';

function start() {
  const at = { monotonicMs: 77, wallMs: Date.UTC(2025, 2, 1) };
  const clock = new RunClock(
    () => at.monotonicMs,
    () => at.wallMs,
  );
  return { at, clock };
}

it('goes with the monotonic clock; a wall clock that is set right by little, or back, changes nothing', () => {
  const { at, clock } = start();
  at.monotonicMs += 1_000;
  at.wallMs += 1_300;
  expect(clock.now()).toBe(1_000);
  at.wallMs -= 3_600_000;
  expect(clock.now()).toBe(1_000);
});

it('what the machine slept has passed', () => {
  const { at, clock } = start();
  at.monotonicMs += 10;
  at.wallMs += 5_000;
  expect(clock.now()).toBe(5_000);
  at.monotonicMs += 100;
  at.wallMs += 100;
  expect(clock.now()).toBe(5_100);
  at.wallMs -= 4_990;
  expect(clock.now()).toBe(5_100);
});

it('never goes back, and never falls behind the monotonic one', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5_000), fc.integer({ min: -9_000, max: 9_000 }))), (steps) => {
      const { at, clock } = start();
      const beganMs = at.monotonicMs;
      let lastMs = clock.now();
      for (const [monotonicMs, wallMs] of steps) {
        at.monotonicMs += monotonicMs;
        at.wallMs += wallMs;
        const nowMs = clock.now();
        expect(nowMs - lastMs).toBeGreaterThanOrEqual(monotonicMs);
        expect(nowMs).toBeGreaterThanOrEqual(at.monotonicMs - beganMs);
        lastMs = nowMs;
      }
    }),
  );
});
