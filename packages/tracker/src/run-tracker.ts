import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { PeerageError, parseTrackerList, type TrackerLine } from '@peerage/contract';
import { createTracker } from './app.ts';
import { answer, runConsole } from './console.ts';
import type { Limits } from './domain/limits.ts';
import { openOperatorPort } from './operator-port.ts';
import { findCluster } from './replication/own-cluster.ts';
import { defaultDataFolder, holdDataFolder } from './store/data-folder.ts';

export interface RunTracker {
  /** The file that lists all trackers. */
  readonly trackerInfoPath: string;
  /** This tracker's place in it, from 1. */
  readonly number: number;
  /** Left out: a folder below the platform's data folder. */
  readonly dataDir?: string;
  /** Left out: the address in the file. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** The file of the cluster's secret; left out: looked for where all trackers are on this machine. */
  readonly secretPath?: string;
  readonly limits?: Partial<Limits>;
  /** Whether whoever asks gets an account; left out: open. */
  readonly signup?: 'open' | 'closed';
  /** What the data folder may take. */
  readonly budgetBytes?: number;
  /** Where metrics are shown to whoever reaches it. */
  readonly metrics?: { readonly host: string; readonly port: number };
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Runs a tracker with its console until `quit`, SIGTERM or SIGINT; resolves to the exit code. Refuses with PeerageError where it can't start. */
export async function runTracker(run: RunTracker): Promise<number> {
  const { number, stdin, stdout, stderr } = run;
  process.umask(0o077);
  const trackers = trackersOf(run.trackerInfoPath, number);
  const { host, port } = run.listen ?? trackers[number - 1]!;
  const dataDir = run.dataDir ?? defaultDataFolder(number);
  const { cluster, notices } = heldWhile(dataDir, () =>
    findCluster({ number, trackers, dataDir, secretPath: run.secretPath }),
  );
  const certificateMs = Number(process.env['PEERAGE_CERTIFICATE_MS']) || undefined;
  const tracker = await createTracker({
    dataDir,
    host,
    port,
    ...(cluster && { cluster }),
    ...(run.limits && { limits: run.limits }),
    ...(certificateMs && { certificateTimes: { lifeMs: certificateMs } }),
    signupOpen: run.signup !== 'closed',
    ...(run.budgetBytes !== undefined && { budgetBytes: run.budgetBytes }),
    ...(run.metrics && { metrics: run.metrics }),
  });
  const where = `tracker ${number} listening on ${shown(tracker.address)}`;

  const stopped = Promise.withResolvers<number>();
  const stop = () => stopped.resolve(0);
  const signals = ['SIGTERM', 'SIGINT'] as const;
  for (const signal of signals) process.on(signal, stop);
  stdout.on('error', stop); // nobody reads what it says: whoever started it is gone
  const about = { operator: tracker.operator, where };
  const endConsole = runConsole(stdin, stdout, about, stop);
  const closeOperatorPort = await openOperatorPort(dataDir, (line) => answer(line, about, stop));
  tracker.died.then((error) => {
    stderr.write(`error: the tracker can not go on: ${error.message} (internal)\n`);
    stopped.resolve(1);
  });
  stdout.write(`${where}\ntracker ${number} key sha256:${tracker.pin}\n`);
  for (const notice of notices) stdout.write(`${notice}\n`);
  if (tracker.metricsAddress) {
    stdout.write(`tracker ${number} metrics on http://${shown(tracker.metricsAddress)}/metrics\n`);
  }

  const code = await stopped.promise;
  endConsole();
  await closeOperatorPort?.();
  stdin.destroy();
  await tracker.close();
  for (const signal of signals) process.off(signal, stop);
  return code;
}

const shown = ({ host, port }: { host: string; port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

function trackersOf(path: string, number: number): TrackerLine[] {
  const trackers = parseTrackerList(readText(path), path);
  if (number <= trackers.length) return trackers;
  throw new PeerageError('usage', `${path} has no tracker ${number}: it lists ${trackers.length}`);
}

/** Does something to the data folder that no running tracker uses. */
function heldWhile<T>(dataDir: string, work: () => T): T {
  const release = holdDataFolder(dataDir);
  try {
    return work();
  } finally {
    release();
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new PeerageError('path_not_found', `there is no tracker file ${path}`);
    throw new PeerageError('path_not_readable', `the tracker file ${path} can not be read: ${message}`);
  }
}
