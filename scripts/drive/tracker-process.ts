import type { ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { startPeerage, stopProcess } from './peerage-process.ts';

/** A tracker in a process of its own. */
export class TrackerProcess {
  readonly process: ChildProcess;
  readonly host: string;
  readonly port: number;
  readonly output: () => string;

  private constructor(process: ChildProcess, host: string, port: number, output: () => string) {
    this.process = process;
    this.host = host;
    this.port = port;
    this.output = output;
  }

  /** What trackers of one machine share lies beside their tracker file, so that a run leaves nothing in the user's own folders. */
  static async start(
    trackerInfo: string,
    number: number,
    dataFolder: string,
    env: Readonly<Record<string, string>> = {},
    flags: readonly string[] = [],
  ): Promise<TrackerProcess> {
    const { process, match, output } = await startPeerage(
      ['tracker', trackerInfo, String(number), '--data', dataFolder, ...flags],
      { stream: 'stdout', pattern: /^tracker \d+ listening on (.+):(\d+)$/ },
      { XDG_DATA_HOME: join(dirname(trackerInfo), 'platform'), ...env },
    );
    return new TrackerProcess(process, match[1]!, Number(match[2]), output);
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return stopProcess(this.process, signal);
  }
}
