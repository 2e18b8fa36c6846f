import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ControlName, ControlResult } from '@peerage/contract';
import { startPeerage, stopProcess } from './peerage-process.ts';

export type Answer =
  | { command: string | null; ok: true; result: Record<string, unknown> }
  | { command: string | null; ok: false; error: { code: string; message: string } };

const quoted = (word: string) => (/^[A-Za-z0-9._/:=~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** A client in a process of its own, driven through its shell's script mode with `--json`: one line in, one line out. */
export class ClientProcess {
  readonly process: ChildProcess;
  readonly listenAddress: string;
  readonly output: () => string;
  readonly #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];

  private constructor(process: ChildProcess, listenAddress: string, output: () => string) {
    this.process = process;
    this.listenAddress = listenAddress;
    this.output = output;
    createInterface({ input: process.stdout! }).on('line', (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line) as Answer);
    });
    process.once('exit', (code, signal) => {
      for (const waiting of this.#waiting.splice(0)) {
        waiting.reject(new Error(`the client ended (${code ?? signal}) without an answer:\n${output()}`));
      }
    });
  }

  /** Listens on a free port of loopback, or on `listen`. */
  static async start(
    trackerInfo: string,
    home: string,
    options: {
      listen?: string;
      advertise?: string;
      env?: Record<string, string>;
      uid?: number | undefined;
      namespace?: string;
    } = {},
  ): Promise<ClientProcess> {
    const listen = options.listen ?? '127.0.0.1:0';
    const advertise = options.advertise === undefined ? [] : ['--advertise', options.advertise];
    const { process, match, output } = await startPeerage(
      ['client', listen, trackerInfo, '--home', home, '--json', '--stay', '--keep-going', ...advertise],
      { stream: 'stderr', pattern: /^client listening on (.+)$/ },
      options.env,
      options.uid,
      options.namespace,
    );
    return new ClientProcess(process, match[1]!, output);
  }

  /** One command by its words; they are quoted as the shell needs it. */
  send(...words: string[]): Promise<Answer> {
    return this.sendLine(words.map(quoted).join(' '));
  }

  sendLine(line: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        reject(new Error(`the client has ended:\n${this.output()}`));
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.process.stdin!.write(`${line}\n`);
    });
  }

  /** The result of a command that has to succeed. */
  async do<C extends ControlName>(command: C, ...words: string[]): Promise<ControlResult<C>> {
    const answer = await this.send(command, ...words);
    if (!answer.ok) throw new Error(`${command} ${words.join(' ')}: ${answer.error.message} (${answer.error.code})`);
    return answer.result as ControlResult<C>;
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return stopProcess(this.process, signal);
  }
}
