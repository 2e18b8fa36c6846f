import { readFileSync } from 'node:fs';
import { Random } from '@peerage/swarm';
import { saveCrash } from '../inputs.ts';
import { Pool } from '../pool.ts';
import { type Figures, noFigures } from '../report.ts';
import { openLiveHouse } from './live-house.ts';
import type { LivePort } from './port.ts';

const AT_ONCE = 4;
/** Most inputs a second for each port: the ports are tried, not flooded. */
const MOST_A_SECOND = 200;
const SERVES_EVERY_MS = 2_000;
/** What comes before the one that a crash was noticed with may have caused it. */
const SUSPECTS = 8;
/** Parts of a run in which memory is looked at. The least of each counts: what a password hash takes at a moment is given back. */
const SETTLED = { from: 0.3, to: 0.5 };
const END_FROM = 0.8;

export interface PortsRun {
  readonly figures: readonly Figures[];
  readonly crashes: number;
  /** Resident memory of each process at the end less that when the run had settled. */
  readonly growthBytes: Readonly<Record<string, number>>;
}

/** Fuzzes the live ports for `seconds`; the processes are started before and stopped after. */
export async function fuzzPorts(seed: number, seconds: number, say: (line: string) => void): Promise<PortsRun> {
  const house = await openLiveHouse();
  try {
    const runs = await Promise.all(
      house.ports.map((port, number) => fuzzPort(port, new Random(seed + 1000 + number), seconds, say)),
    );
    return {
      figures: runs.map((run) => run.figures),
      crashes: runs.reduce((sum, run) => sum + run.figures.crashes, 0),
      growthBytes: Object.fromEntries(runs.map((run) => [run.figures.name, run.growthBytes])),
    };
  } finally {
    await house.close();
  }
}

async function fuzzPort(port: LivePort, random: Random, seconds: number, say: (line: string) => void) {
  const pool = new Pool(port, random);
  const figures = noFigures(port.name);
  const suspects: Uint8Array[] = [];
  const startMs = performance.now();
  const elapsedMs = () => performance.now() - startMs;
  const least = { settled: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY };
  const weigh = () => {
    const part = elapsedMs() / (seconds * 1000);
    const bytes = residentBytes(port.pid);
    if (part >= SETTLED.from && part < SETTLED.to) least.settled = Math.min(least.settled, bytes);
    if (part >= END_FROM) least.end = Math.min(least.end, bytes);
  };
  const failed = (error: unknown) => {
    if (figures.crashes++ > 0) return;
    const saved = suspects.map((input) => saveCrash(port.name, input));
    say(
      `crash in ${port.name}: ${error instanceof Error ? error.message : error}\n  the last inputs are saved as\n  ${saved.join('\n  ')}`,
    );
  };
  const goOn = () => figures.crashes === 0 && elapsedMs() < seconds * 1000;

  const sender = async () => {
    while (goOn()) {
      const input = pool.next();
      suspects.push(Uint8Array.from(input));
      if (suspects.length > SUSPECTS) suspects.shift();
      figures.inputs++;
      try {
        const outcome = await port.send(input);
        if (outcome.accepted) figures.accepted++;
        else figures.refused++;
        pool.learn(input, outcome);
      } catch (error) {
        failed(error);
      }
      const aheadMs = (figures.inputs * 1000) / (port.mostASecond ?? MOST_A_SECOND) - elapsedMs();
      if (aheadMs > 0) await pause(aheadMs);
    }
  };
  const user = async () => {
    while (goOn()) {
      await port.serves().catch(failed);
      weigh();
      await pause(Math.min(SERVES_EVERY_MS, Math.max(0, seconds * 1000 - elapsedMs())));
    }
  };
  await Promise.all([user(), ...Array.from({ length: AT_ONCE }, sender)]);
  if (figures.crashes === 0) await port.serves().catch(failed);
  figures.spentMs = elapsedMs();
  const wasSeen = figures.crashes === 0 && least.settled < Number.POSITIVE_INFINITY;
  if (wasSeen) weigh();
  const growthBytes = wasSeen ? least.end - least.settled : 0;
  return { figures, growthBytes };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** As Linux tells it; 0 elsewhere. */
function residentBytes(pid: number): number {
  if (process.platform !== 'linux') return 0;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}
