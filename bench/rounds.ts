import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { StockClientDied } from '../scripts/drive/stock/stock-client.ts';
import type { Contestant, Sample } from './bench.ts';

export interface Run {
  readonly sample: Sample;
  /** Part of the machine's processors that was busy while it ran, by whomever. */
  readonly busy: number;
}

export interface Ran {
  readonly runs: readonly Run[];
  /** How often somebody else's client died (a fault of its own) and the run with it. */
  readonly died: number;
}

export type Results = ReadonlyMap<string, Ran>;

/**
 * Contestants in turn, round by round: only runs of one session, side by side, say anything. A run that a stock client's fault ended is tried once more, then left out of that round;
 * whatever else goes wrong ends all.
 */
export async function runRounds(contestants: readonly Contestant[], rounds: number): Promise<Results> {
  const results = new Map(contestants.map(({ name }) => [name, { runs: [] as Run[], died: 0 }]));
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run } of contestants) {
      const say = (text: string) => process.stderr.write(`  round ${round}/${rounds} ${name}: ${text}\n`);
      const ran = results.get(name)!;
      const attempt = async (): Promise<boolean> => {
        const before = machineTicks();
        try {
          const sample = await run();
          const after = machineTicks();
          const busy = (after.busy - before.busy) / Math.max(1, after.all - before.all);
          ran.runs.push({ sample, busy });
          say(
            Object.entries(sample)
              .map(([key, value]) => `${key} ${Number(value.toPrecision(4))}`)
              .join(', '),
          );
          return true;
        } catch (error) {
          if (!(error instanceof StockClientDied)) throw error;
          ran.died++;
          say(error.message);
          return false;
        }
      };
      if (!(await attempt())) await attempt();
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
