import type { Rules } from '@peerage/swarm';
import { SCENARIOS } from './scenarios/all.ts';
import { MEGABIT, PLAIN_OPTIONS, type ScenarioOptions } from './scenarios/options.ts';
import { runSwarm, type SwarmResult } from './swarm-run.ts';

/** A crowd that the rules are judged by. */
export interface StandardRun {
  readonly scenario: string;
  readonly options: Partial<ScenarioOptions>;
}

/** Uplinks are what is narrow, as at home. */
export const WIDE = { downBytesPerSecond: 400 * MEGABIT };

/** As it is said to `npm run sim`. */
export function wordsOf({ scenario, options }: StandardRun): string {
  const words = [scenario];
  if (options.peers !== undefined) words.push(`--peers ${options.peers}`);
  if (options.pieces !== undefined) words.push(`--pieces ${options.pieces}`);
  if (options.downBytesPerSecond !== undefined) words.push(`--down ${options.downBytesPerSecond / MEGABIT}`);
  if (options.roundTripMs !== undefined) words.push(`--rtt ${options.roundTripMs}`);
  if (options.socketBytes !== undefined) words.push(`--socket ${options.socketBytes / 1024}`);
  if (options.silent !== undefined) words.push(`--silent ${options.silent}`);
  return words.join(' ');
}

export const crowd = (scenario: string, options: StandardRun['options'] = {}): StandardRun => ({ scenario, options });

export function runOnce(run: StandardRun, seed: number, rules: Partial<Rules> = {}): SwarmResult {
  const scenario = SCENARIOS[run.scenario]!;
  return runSwarm(scenario({ ...PLAIN_OPTIONS, ...run.options, seed }), { seed, checkEvery: 10_000, rules });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)]!;
}
