import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Traffic, type TrafficTotal } from './traffic.ts';

let told: TrafficTotal[];
let traffic: Traffic;
beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  traffic = new Traffic(
    () => Date.now(),
    (total) => told.push(total),
  );
});
afterEach(() => {
  traffic.close();
  vi.useRealTimers();
});

test('the total is the sum of what each share told last', () => {
  traffic.onRates('a', { down: 10, up: 1 });
  traffic.onRates('b', { down: 5, up: 0 });
  traffic.onRates('a', { down: 7, up: 1 });
  expect(traffic.total).toEqual({ down: 12, up: 1, peers: 0 });
  traffic.onRates('b', { down: 0, up: 0 });
  expect(traffic.total).toEqual({ down: 7, up: 1, peers: 0 });
});

test('is told once a second while it changes, the last time when all is quiet', () => {
  traffic.onRates('a', { down: 10, up: 0 });
  vi.advanceTimersByTime(3000);
  expect(told).toEqual([{ down: 10, up: 0, peers: 0 }]);
  traffic.onRates('a', { down: 0, up: 0 });
  vi.advanceTimersByTime(3000);
  expect(told).toEqual([
    { down: 10, up: 0, peers: 0 },
    { down: 0, up: 0, peers: 0 },
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test('history has a sample a second, with the quiet times in between and after', () => {
  traffic.onRates('a', { down: 10, up: 0 });
  vi.advanceTimersByTime(2000);
  traffic.onRates('a', { down: 0, up: 0 });
  vi.advanceTimersByTime(3000);
  traffic.onRates('a', { down: 4, up: 0 });
  vi.advanceTimersByTime(1000);
  expect(traffic.history('a').map(({ down }) => down)).toEqual([10, 10, 0, 0, 0, 4]);
  traffic.onRates('a', { down: 0, up: 0 });
  vi.advanceTimersByTime(2000);
  expect(traffic.history('a').map(({ down }) => down)).toEqual([10, 10, 0, 0, 0, 4, 0, 0]);
  expect(traffic.history()).toHaveLength(8);
});

test('keeps ten minutes, and two hundred shares', () => {
  traffic.onRates('first', { down: 1, up: 0 });
  vi.advanceTimersByTime(1000);
  traffic.forget('none');
  traffic.onRates('first', { down: 0, up: 0 });
  for (let share = 0; share < 200; share++) traffic.onRates(`share ${share}`, { down: 1, up: 0 });
  vi.advanceTimersByTime(700_000);
  expect(traffic.history()).toHaveLength(600);
  expect(traffic.history('share 0')).toHaveLength(600);
  expect(traffic.history('first')).toEqual([]);
});

test('who is connected is told as well, also while nothing moves', () => {
  traffic.onRates('a', { down: 0, up: 0 }, ['bob', 'carol']);
  traffic.onRates('b', { down: 0, up: 0 }, ['dave']);
  vi.advanceTimersByTime(2000);
  traffic.forget('a');
  vi.advanceTimersByTime(2000);
  traffic.onRates('b', { down: 0, up: 0 }, ['erin', 'dave']);
  vi.advanceTimersByTime(2000);
  expect(told.map(({ peers }) => peers)).toEqual([3, 1, 2]);
  expect(vi.getTimerCount()).toBe(0);
});

test('who is connected for two shares is counted once', () => {
  traffic.onRates('a', { down: 0, up: 0 }, ['bob', 'carol']);
  traffic.onRates('b', { down: 0, up: 0 }, ['bob']);
  vi.advanceTimersByTime(2000);
  traffic.onRates('a', { down: 0, up: 0 }, ['carol']);
  traffic.onRates('b', { down: 0, up: 0 });
  vi.advanceTimersByTime(2000);
  expect(told.map(({ peers }) => peers)).toEqual([2, 1]);
  expect(vi.getTimerCount()).toBe(0);
});
