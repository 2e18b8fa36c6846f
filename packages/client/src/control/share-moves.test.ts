import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { trafficLimits } from './page-limits.ts';
import { ShareMoves } from './share-moves.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('tells each share that moved once a second, many in turn, and rests when all is told', () => {
  const told: string[] = [];
  const look = (file: string) =>
    file === 'gone' ? undefined : { group: 'g', file, uploaded: 1, up_rate: 2, peers: 3 };
  const moves = new ShareMoves(look, ({ file }) => told.push(file));
  moves.add('a');
  moves.add('a');
  moves.add('gone');
  vi.advanceTimersByTime(1000);
  expect(told).toEqual(['a']);
  expect(vi.getTimerCount()).toBe(0);
  const many = Array.from({ length: trafficLimits.sharesASecond + 5 }, (_, share) => `share ${share}`);
  for (const share of many) moves.add(share);
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(1 + trafficLimits.sharesASecond);
  moves.add(many[0]!);
  vi.advanceTimersByTime(1000);
  expect(told.slice(-6)).toEqual([...many.slice(-5), many[0]]);
  expect(vi.getTimerCount()).toBe(0);
});
