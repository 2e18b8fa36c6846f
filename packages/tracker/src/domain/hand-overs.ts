import { handOverLimits, type KeyHandOver } from '@peerage/contract';
import { hlcTimeMs } from './entities.ts';
import { type Context, get, put, type Reading, type Rule, scan } from './rule.ts';

/** Notes that a tracker's port shows another key from now on. */
export function* handOverKey(
  { pin, handOver }: { pin: string; handOver: KeyHandOver },
  _context: Context,
): Rule<object> {
  if (yield* get('tracker_key', pin)) return { puts: [], result: {} };
  return { puts: [put('tracker_key', pin, handOver)], result: {} };
}

/** The hand-overs of all trackers that count now, the oldest first. */
export function* recentHandOvers(_query: object, { now }: Context): Reading<KeyHandOver[]> {
  const rows = (yield* scan('tracker_key', '')).map((row) => row.value);
  return rows.filter(({ atMs }) => atMs + handOverLimits.countsMs > hlcTimeMs(now)).sort((a, b) => a.atMs - b.atMs);
}
