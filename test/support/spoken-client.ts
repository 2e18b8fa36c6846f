import { type ChildProcess, spawn } from 'node:child_process';
import { peerage, stopProcess } from '../../scripts/drive/peerage-process.ts';

/** The end of what `help exit` says. */
const endOfAnswer = '  example: exit\n';

/** A client whose shell answers people, read as a script; answers and what it tells without being asked come apart. */
export class SpokenClient {
  readonly said = { out: '', err: '' };
  readonly #process: ChildProcess;
  #port = 0;
  #number = 0;
  #wake: (() => void) | undefined;

  private constructor(process: ChildProcess) {
    this.#process = process;
    for (const [name, stream] of [
      ['out', process.stdout!],
      ['err', process.stderr!],
    ] as const) {
      stream.on('data', (chunk: Buffer) => {
        this.said[name] += chunk.toString();
        this.#wake?.();
      });
    }
    process.stdin!.on('error', () => undefined); // it ended first: that is what is reported
    process.once('exit', () => this.#wake?.());
  }

  /** Runs as the user `uid`, or as ours. */
  static async start(trackerInfo: string, home: string, uid?: number): Promise<SpokenClient> {
    const args = ['client', '127.0.0.1:0', trackerInfo, '--home', home, '--stay', '--keep-going'];
    const user = uid === undefined ? {} : { uid, gid: uid };
    const client = new SpokenClient(spawn(peerage, args, { env: { ...process.env, NO_COLOR: '1' }, ...user }));
    const listening = /^client listening on .+:(\d+)\n/m;
    await client.#until(() => listening.test(client.said.err));
    client.#port = Number(listening.exec(client.said.err)![1]);
    return client;
  }

  /** Where it listens for peers, on loopback. */
  get port(): number {
    return this.#port;
  }

  /** What one command answers on stdout; what stands on stderr by then is in `said.err`. Behind it come two lines whose answers end its own. */
  async say(line: string): Promise<string> {
    const mark = `mark_${++this.#number}.`;
    const from = this.said.out.length;
    this.#process.stdin!.write(`${line}\nhelp exit\n${mark}\n`);
    await this.#until(() => this.said.err.includes(mark) && this.said.out.slice(from).endsWith(endOfAnswer));
    return this.said.out.slice(from, this.said.out.lastIndexOf('exit: '));
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return stopProcess(this.#process, signal);
  }

  async #until(said: () => boolean): Promise<void> {
    while (!said()) {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
        throw new Error(`the client ended:\n${this.said.out}\n${this.said.err}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
