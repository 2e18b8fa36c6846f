import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Contestant, Sample } from './bench.ts';

export interface Run {
  readonly sample: Sample;
  /** Part of the machine's processors that was busy while it ran, by whomever. */
  readonly busy: number;
}

export type Results = ReadonlyMap<string, readonly Run[]>;

/** Contestants in turn, round by round: only runs of one session, side by side, say anything. */
export async function runRounds(contestants: readonly Contestant[], rounds: number): Promise<Results> {
  const results = new Map<string, Run[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run } of contestants) {
      const before = machineTicks();
      const sample = await run();
      const after = machineTicks();
      const busy = (after.busy - before.busy) / Math.max(1, after.all - before.all);
      results.set(name, [...(results.get(name) ?? []), { sample, busy }]);
      const shown = Object.entries(sample).map(([key, value]) => `${key} ${Number(value.toPrecision(4))}`);
      process.stderr.write(`  round ${round}/${rounds} ${name}: ${shown.join(', ')}\n`);
    }
  }
  return results;
}

/** All processors' time since the start; zeros where the system has no /proc. */
function machineTicks(): { readonly busy: number; readonly all: number } {
  try {
    const [user, nice, system, idle, iowait, ...rest] = readFileSync('/proc/stat', 'utf8')
      .split('\n')[0]!
      .trim()
      .split(/\s+/)
      .slice(1, 9)
      .map(Number);
    const waiting = idle! + iowait!;
    const busy = user! + nice! + system! + rest.reduce((sum, ticks) => sum + ticks, 0);
    return { busy, all: busy + waiting };
  } catch {
    return { busy: 0, all: cpus().length };
  }
}
