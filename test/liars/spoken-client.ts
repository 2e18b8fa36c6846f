import type { ChildProcess } from 'node:child_process';
import { startPeerage, stopProcess } from '../../scripts/drive/peerage-process.ts';

/** The end of what `help exit` says. */
const endOfAnswer = '  example: exit\n';

/** A client whose shell answers people, read as a script; answers and what it tells without being asked come apart. */
export class SpokenClient {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly said = { out: '', err: '' };
  #number = 0;
  #wake: (() => void) | undefined;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
    for (const [name, stream] of [
      ['out', process.stdout!],
      ['err', process.stderr!],
    ] as const) {
      stream.on('data', (chunk: Buffer) => {
        this.said[name] += chunk.toString();
        this.#wake?.();
      });
    }
    process.once('exit', () => this.#wake?.());
  }

  static async start(trackerInfo: string, home: string): Promise<SpokenClient> {
    const args = ['client', '127.0.0.1:0', trackerInfo, '--home', home, '--stay', '--keep-going'];
    const { process, match } = await startPeerage(args, {
      stream: 'stderr',
      pattern: /^client listening on .+:(\d+)$/,
    });
    return new SpokenClient(process, Number(match[1]));
  }

  /** What one command answers on stdout; what stands on stderr by then is in `said.err`. Behind it come two lines whose answers end its own. */
  async say(line: string): Promise<string> {
    const mark = `mark_${++this.#number}`;
    const from = this.said.out.length;
    this.#process.stdin!.write(`${line}\nhelp exit\n${mark}\n`);
    while (!this.said.err.includes(mark) || !this.said.out.endsWith(endOfAnswer)) {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
        throw new Error(`the client ended:\n${this.said.out}\n${this.said.err}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.said.out.slice(from, this.said.out.lastIndexOf('exit: '));
  }

  stop(): Promise<number | null> {
    return stopProcess(this.#process);
  }
}
