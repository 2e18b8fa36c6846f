import type { ChildProcess } from 'node:child_process';
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

  static async start(
    trackerInfo: string,
    number: number,
    dataFolder: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<TrackerProcess> {
    const { process, match, output } = await startPeerage(
      ['tracker', trackerInfo, String(number), '--data', dataFolder],
      { stream: 'stdout', pattern: /^tracker \d+ listening on (.+):(\d+)$/ },
      env,
    );
    return new TrackerProcess(process, match[1]!, Number(match[2]), output);
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return stopProcess(this.process, signal);
  }
}
