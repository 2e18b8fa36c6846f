import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
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

/** Seconds that all of the machine's cores together have worked for anybody: beside the clock, how many of them were busy. */
export function busyCoreSeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]!
    .split(/ +/)
    .map(Number);
  return (user + nice + system + interrupts + softInterrupts) / TICKS_A_SECOND;
}

/** The most memory that the process had resident at once, in MiB. */
export function peakRssMibOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

function loopbackBytes(): number {
  return Number(/^\s*lo:\s*(\d+)/m.exec(readFileSync('/proc/net/dev', 'utf8'))![1]);
}

const WARM_FILE = Buffer.alloc(512 * 1024);
/** Of so many files beside each other one stays: what is free between them is too little in one piece for the system to give it back. */
const WARM_GROUP = 4;

/**
 * Takes memory for files from the system and gives it back, `bytes` in all. In a virtual machine free memory may belong to the host again after two seconds, and taking it back costs ten times
 * what copying into it does (0.2 against 1.4 to 2.2 s of processor time a GiB, measured): who happens to be soon after another one's file was removed would win. Some of it is kept until the
 * answer is called, so that the rest lies in pieces that the system keeps: 0.2 s at once, 0.5 s after three seconds.
 */
function warmFreeMemory(bytes: number): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-bench-warm-'));
  const files = Math.ceil(bytes / WARM_FILE.length / (WARM_GROUP - 1)) * WARM_GROUP;
  const path = (file: number) => join(folder, String(file));
  for (let file = 0; file < files; file++) writeFileSync(path(file), WARM_FILE);
  for (let file = 0; file < files; file++) if (file % WARM_GROUP > 0) unlinkSync(path(file));
  return () => rmSync(folder, { recursive: true });
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
 * at the end, and what they used before counts where `before` knew them not. Every run finds warm free memory for the `bytes` that are written to files.
 */
export async function costOf(
  seeders: readonly number[],
  leechers: { readonly before: readonly number[]; readonly after: () => readonly number[] },
  bytes: number,
  transfer: () => Promise<void>,
): Promise<Cost> {
  const cool = warmFreeMemory(1.25 * bytes);
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
  } finally {
    clearInterval(looking);
    cool();
  }
}
