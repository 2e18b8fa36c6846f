import { type ChildProcess, spawn } from 'node:child_process';
import { peerage, stopProcess } from '../../scripts/drive/peerage-process.ts';

/**
 * A client whose shell answers people, read as a script. Both outputs go through one pipe, so that what is read comes in the order it was written;
 * a line that is no command, sent behind each command, marks where its answer ends.
 */
export class HumanProcess {
  readonly process: ChildProcess;
  #said = '';
  #number = 0;
  #wake: (() => void) | undefined;

  private constructor(process: ChildProcess) {
    this.process = process;
    process.stdout!.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
      this.#wake?.();
    });
    process.once('exit', () => this.#wake?.());
  }

  static async start(trackerInfo: string, home: string): Promise<HumanProcess> {
    const words = ['client', '127.0.0.1:0', trackerInfo, '--home', home, '--stay', '--keep-going'];
    const child = spawn('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', peerage, ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    const human = new HumanProcess(child);
    await human.#until(/^client listening on .+\n/m);
    human.#said = '';
    return human;
  }

  /** What the shell says to one line. */
  async say(line: string): Promise<string> {
    const mark = `mark_${++this.#number}`;
    this.process.stdin!.write(`${line}\n${mark}\n`);
    const end = await this.#until(new RegExp(`^error: .*${mark}.*\\n`, 'm'));
    const answer = this.#said.slice(0, end.index);
    this.#said = this.#said.slice(end.index + end[0].length);
    return answer;
  }

  stop(): Promise<number | null> {
    return stopProcess(this.process);
  }

  async #until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#said);
      if (found) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`the client ended:\n${this.#said}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
