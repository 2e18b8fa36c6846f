import { describe, expect, it } from 'vitest';
import { CLOCK_TOLERANCE_MS, ClockGuard, newClockAgreements } from './clock-guard.ts';

const START = Date.UTC(2025, 2, 1);
const HOUR = 3_600_000;
const skewed = expect.objectContaining({ code: 'clock_skew' });

function start() {
  const clock = { wallMs: START, monotonicMs: 5 };
  const agreements = newClockAgreements();
  const guard = () =>
    new ClockGuard(
      () => clock.wallMs,
      () => clock.monotonicMs,
      agreements,
    );
  const pass = (ms: number) => {
    clock.wallMs += ms;
    clock.monotonicMs += ms;
  };
  return { clock, guard: guard(), another: guard(), pass };
}

describe('the believed time', () => {
  it('follows the wall clock, small steps too', () => {
    const { clock, guard, pass } = start();
    pass(HOUR);
    clock.wallMs += CLOCK_TOLERANCE_MS - 1;
    expect(guard.nowMs()).toBe(clock.wallMs);
    clock.wallMs -= CLOCK_TOLERANCE_MS - 1;
    expect(guard.nowMs()).toBe(clock.wallMs);
    guard.require(clock.wallMs + CLOCK_TOLERANCE_MS);
  });

  it.each([HOUR, -HOUR])('does not follow a jump of %i ms, and is right again when that is taken back', (jump) => {
    const { clock, guard, pass } = start();
    clock.wallMs += jump;
    pass(10_000);
    expect(() => guard.require()).toThrow(skewed);
    expect(guard.nowMs()).toBe(START + 10_000);
    expect(guard.offByMs()).toBe(jump);
    clock.wallMs -= jump;
    guard.require();
    expect(guard.nowMs()).toBe(clock.wallMs);
  });

  it('follows a jump that another tracker agrees with, in every thread, and no other', () => {
    const { clock, guard, another } = start();
    clock.wallMs += HOUR;
    guard.heard(START);
    expect(() => another.require()).toThrow(skewed);
    guard.heard(START + HOUR + 1_000);
    guard.require();
    another.require();
    expect(another.nowMs()).toBe(START + HOUR);
    clock.wallMs += HOUR; // what was agreed before counts for that jump only
    expect(() => guard.require()).toThrow(skewed);
    expect(() => another.require()).toThrow(skewed);
  });

  it('a hybrid clock that is ahead is the operator’s to accept, or passes with time', () => {
    const { clock, guard, another, pass } = start();
    const written = START + HOUR;
    expect(() => guard.require(written)).toThrow(skewed);
    guard.heard(START);
    expect(() => guard.require(written)).toThrow(skewed);
    pass(HOUR);
    guard.require(written);
    expect(() => another.require(clock.wallMs + HOUR)).toThrow(skewed);
    guard.accept();
    another.require(clock.wallMs + HOUR);
  });

  it('the operator accepts a jump too', () => {
    const { clock, guard, another } = start();
    clock.wallMs -= HOUR;
    expect(() => guard.require(START)).toThrow(skewed);
    guard.accept();
    guard.require(START);
    another.require(START);
    clock.wallMs += HOUR; // once
    expect(() => guard.require()).toThrow(skewed);
    expect(() => another.require()).toThrow(skewed);
  });
});
