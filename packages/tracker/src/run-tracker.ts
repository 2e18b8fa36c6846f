import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { PeerageError, parseTrackerList } from '@peerage/contract';
import { createTracker } from './app.ts';
import { runConsole } from './console.ts';
import type { Limits } from './domain/limits.ts';
import { defaultDataFolder } from './store/data-folder.ts';

export interface RunTracker {
  /** The file that lists all trackers. */
  readonly trackerInfoPath: string;
  /** This tracker's place in it, from 1. */
  readonly number: number;
  /** Left out: a folder below the platform's data folder. */
  readonly dataDir?: string;
  /** Left out: the address in the file. */
  readonly listen?: { readonly host: string; readonly port: number };
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
  const line = lineOf(run.trackerInfoPath, number);
  const { host, port } = run.listen ?? line;
  const dataDir = run.dataDir ?? defaultDataFolder(number);
  const certificateMs = Number(process.env['PEERAGE_CERTIFICATE_MS']) || undefined;
  const tracker = await createTracker({
    dataDir,
    host,
    port,
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
  const endConsole = runConsole(stdin, stdout, { operator: tracker.operator, where }, stop);
  tracker.died.then((error) => {
    stderr.write(`error: the tracker can not go on: ${error.message} (internal)\n`);
    stopped.resolve(1);
  });
  stdout.write(`${where}\ntracker ${number} key sha256:${tracker.pin}\n`);
  if (tracker.metricsAddress) {
    stdout.write(`tracker ${number} metrics on http://${shown(tracker.metricsAddress)}/metrics\n`);
  }

  const code = await stopped.promise;
  endConsole();
  stdin.destroy();
  await tracker.close();
  for (const signal of signals) process.off(signal, stop);
  return code;
}

const shown = ({ host, port }: { host: string; port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

function lineOf(path: string, number: number): { host: string; port: number } {
  const trackers = parseTrackerList(readText(path), path);
  const line = trackers[number - 1];
  if (line) return line;
  throw new PeerageError('usage', `${path} has no tracker ${number}: it lists ${trackers.length}`);
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
