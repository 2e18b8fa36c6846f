import type { Rules } from '@peerage/swarm';
import { crowd, median, runOnce, type StandardRun, WIDE, wordsOf } from './standard-runs.ts';
import { Standstill } from './swarm-run.ts';

// `npm run sim -- weights`: what each rule is worth, in the crowds where it matters.

/** As much as Linux lets a socket hold that has sent fast for a while. */
const DEEP_SOCKETS = { socketBytes: 1024 * 1024 };

const ROWS: readonly (readonly [rule: keyof Rules, run: StandardRun])[] = [
  ['grants', crowd('flash-crowd')],
  ['grants', crowd('flash-crowd', WIDE)],
  ['spread', crowd('flash-crowd', WIDE)],
  ['spread', crowd('seeder-leaves', { pieces: 64 })],
  ['shallow', crowd('flash-crowd', DEEP_SOCKETS)],
  ['shallow', crowd('flash-crowd', { ...WIDE, ...DEEP_SOCKETS })],
  ['depth', crowd('flash-crowd')],
  ['depth', crowd('flash-crowd', { roundTripMs: 80 })],
  ['turns', crowd('mixed-links', { peers: 41, ...WIDE })],
  ['turns', crowd('free-riders', { peers: 31, ...WIDE })],
  ['credit', crowd('free-riders', { peers: 31 })],
  ['window', crowd('one-slow', { peers: 5 })],
  ['window', crowd('flash-crowd', { peers: 21 })],
  ['whole', crowd('one-mute', { peers: 5 })],
  ['endgame', crowd('one-mute', { peers: 5 })],
  ['blame', crowd('one-liar', { peers: 5, pieces: 64 })],
];

/** The median ratio to the fluid bound and of what came in vain; in words where a run never ends. */
function figures(run: StandardRun, seeds: readonly number[], rules: Partial<Rules>): string {
  const ratios: number[] = [];
  const wasted: number[] = [];
  for (const seed of seeds) {
    try {
      const { durationMs, fluidBoundMs, wastedPart } = runOnce(run, seed, rules);
      ratios.push(durationMs / fluidBoundMs);
      wasted.push(wastedPart);
    } catch (error) {
      if (!(error instanceof Standstill)) throw error;
      ratios.push(Number.POSITIVE_INFINITY);
      wasted.push(0);
    }
  }
  const ratio = median(ratios);
  return ratio === Number.POSITIVE_INFINITY
    ? 'never ends'
    : `${ratio.toFixed(3)} ${(100 * median(wasted)).toFixed(1)} %`;
}

/** Prints the rows one by one, of those whose rule or words hold `part`. False where there is none. */
export function printWeights(seeds: readonly number[], part: string): boolean {
  const rows = ROWS.filter(([rule, run]) => `${rule} ${wordsOf(run)}`.includes(part));
  if (rows.length === 0) return false;
  process.stdout.write('rule     with           without        crowd (ratio to the fluid bound, received in vain)\n');
  for (const [rule, run] of rows) {
    const [having, without] = [figures(run, seeds, {}), figures(run, seeds, { [rule]: false })];
    process.stdout.write(`${rule.padEnd(9)}${having.padEnd(15)}${without.padEnd(15)}${wordsOf(run)}\n`);
  }
  return true;
}
