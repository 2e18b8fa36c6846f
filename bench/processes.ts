import { closeSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ticks a second of /proc/<pid>/stat on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

/** Processor seconds that a process and all its threads have used. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** The same of a tracker's threads: the main one, the writer's, and those of the runtime, which compile and collect garbage. */
export function threadSecondsOf(pid: number): { main: number; writer: number; rest: number } {
  const seconds = { main: 0, writer: 0, rest: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [head = '', tail = ''] = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ');
    const fields = tail.split(' ');
    const of = thread === String(pid) ? 'main' : head.endsWith('(WorkerThread') ? 'writer' : 'rest';
    seconds[of] += (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  }
  return seconds;
}

/** The most memory that the process had resident at once, in MiB. */
export function peakRssMibOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

function loopbackBytes(): number {
  return Number(/^\s*lo:\s*(\d+)/m.exec(readFileSync('/proc/net/dev', 'utf8'))![1]);
}

const WARM_BYTES = 1536 * 1024 * 1024;
const WARM_BLOCK = Buffer.alloc(512 * 1024);

/**
 * Takes memory for files from the system and gives it back. In a virtual machine free memory may belong to the host again after a second or two, and taking it back costs ten times what
 * copying into it does (0.2 against 2.2 s of processor time a GiB, measured): who happens to run right after another one's file was removed would win.
 */
function warmFreeMemory(): void {
  const path = join(tmpdir(), `peerage-bench-warm-${process.pid}`);
  const file = openSync(path, 'w');
  try {
    for (let written = 0; written < WARM_BYTES; written += WARM_BLOCK.length) writeSync(file, WARM_BLOCK);
  } finally {
    closeSync(file);
    unlinkSync(path);
  }
}

/** Payload is under way when so much has crossed the loopback device. */
const FIRST_BYTES = 300_000;
const LOOK_MS = 5;

/** What one transfer cost, from `start` on: the clock and the processes' processor time. */
export interface Cost {
  readonly wallSeconds: number;
  /** From the first payload on. */
  readonly afterFirstByteSeconds: number;
  readonly leecherCpuSeconds: number;
  readonly seederCpuSeconds: number;
  readonly peakRssMib: number;
}

/**
 * Runs `transfer`, which resolves when the last leecher is done, and says what it cost. The leechers may begin their lives inside it: they are asked for
 * at the end, and what they used before counts where `before` knew them not. Every run finds the same warm free memory.
 */
export async function costOf(
  seeders: readonly number[],
  leechers: { readonly before: readonly number[]; readonly after: () => readonly number[] },
  transfer: () => Promise<void>,
): Promise<Cost> {
  warmFreeMemory();
  const seedersBefore = seeders.map(cpuSecondsOf);
  const leechersBefore = new Map(leechers.before.map((pid) => [pid, cpuSecondsOf(pid)]));
  const bytesBefore = loopbackBytes();
  const started = performance.now();
  let first: number | undefined;
  const looking = setInterval(() => {
    if (first === undefined && loopbackBytes() - bytesBefore > FIRST_BYTES) first = performance.now();
  }, LOOK_MS);
  try {
    await transfer();
  } finally {
    clearInterval(looking);
  }
  const ended = performance.now();
  const pids = leechers.after();
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    wallSeconds: (ended - started) / 1000,
    afterFirstByteSeconds: (ended - (first ?? started)) / 1000,
    leecherCpuSeconds: sum(pids.map((pid) => cpuSecondsOf(pid) - (leechersBefore.get(pid) ?? 0))),
    seederCpuSeconds: sum(seeders.map((pid, place) => cpuSecondsOf(pid) - seedersBefore[place]!)),
    peakRssMib: Math.max(...pids.map(peakRssMibOf)),
  };
}
