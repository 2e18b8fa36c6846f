import { join } from 'node:path';
import type { ReadStream, WriteStream } from 'node:tty';
import type { ControlApi, ControlEvent } from '@peerage/contract';
import type { DrawLive } from '../commands/command.ts';
import { cleanAll } from '../render/clean.ts';
import { wrap } from '../render/definitions.ts';
import { type Look, lookOf } from '../render/look.ts';
import { progressTeller } from '../render/progress-text.ts';
import { showCount } from '../render/quantities.ts';
import { complete } from './completion.ts';
import { eventLine } from './event-line.ts';
import { History } from './history.ts';
import { LineTerminal } from './line-terminal.ts';
import { fitRows, liveLook } from './live-area.ts';
import { Prompt } from './prompt.ts';
import { type Outcome, runLine } from './run-line.ts';
import { errorLine, outcomeJson } from './show-outcome.ts';

export interface InteractiveOptions {
  readonly control: ControlApi;
  readonly input: ReadStream;
  readonly out: WriteStream;
  readonly err: WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly json: boolean;
  /** Where the history is kept. */
  readonly stateFolder: string;
  /** Leaving ends the client with it: then a person is asked once while downloads run. */
  readonly ownsClient: boolean;
  /** A signal came: end the running command and leave. */
  readonly stop: AbortSignal;
}

/** A person at a terminal. Answers the exit code when the person leaves, or `stop` says so. */
export async function runInteractive(options: InteractiveOptions): Promise<number> {
  const shell = new Shell(options, new Prompt(await options.control.call('status', {})));
  try {
    await shell.run();
    return 0;
  } finally {
    shell.close();
  }
}

/**
 * Always true: at most one command runs, `#running` is its interruption; events, results and prompt reach the screen through
 * `#terminal` alone, so that none of them breaks the line being typed.
 */
class Shell {
  readonly #options: InteractiveOptions;
  readonly #prompt: Prompt;
  readonly #history: History;
  readonly #terminal: LineTerminal;
  /** Asked anew each time: a terminal changes its width. */
  readonly #screenLook: () => Look;
  readonly #unsubscribe: () => void;
  #running: AbortController | null = null;
  /** Ctrl-C came when a line was handed over whose command had not begun. */
  #interruptedEarly = false;
  #warnedOfDownloads = false;

  constructor(options: InteractiveOptions, prompt: Prompt) {
    const { control, cwd, input, out, err, env, stop } = options;
    // Where results are piped away, the conversation still needs a terminal.
    const screen = out.isTTY ? out : err;
    this.#options = options;
    this.#prompt = prompt;
    this.#history = new History(join(options.stateFolder, 'history'));
    this.#screenLook = () => lookOf(screen, env);
    this.#terminal = new LineTerminal({
      input,
      screen,
      history: () => this.#history.lines,
      complete: (line) => complete(line, control, cwd),
      onInterrupt: () => this.#interrupt(),
    });
    this.#unsubscribe = control.subscribe((event) => this.#hear(event));
    stop.addEventListener('abort', this.#stopped, { once: true });
  }

  readonly #stopped = () => {
    this.#running?.abort();
    this.#terminal.close();
  };

  async run(): Promise<void> {
    const { stop } = this.#options;
    if (stop.aborted) return;
    this.#print(this.#screenLook().colours.dim('help lists all commands, tab completes, exit leaves'));
    for (;;) {
      const line = await this.#terminal.readLine(this.#prompt.text());
      if (stop.aborted) return;
      const leaves = await this.#runOne(line);
      if (stop.aborted || (leaves && (await this.#mayLeave()))) return;
    }
  }

  /** Whether it was a command to leave; so is Ctrl-D. */
  async #runOne(line: string | null): Promise<boolean> {
    if (line === null) return true;
    const trouble = this.#history.add(line);
    if (trouble !== null) this.#terminal.print(trouble);
    const running = new AbortController();
    this.#running = running;
    if (this.#interruptedEarly) running.abort();
    this.#interruptedEarly = false;
    this.#terminal.setPrompt('');
    const { control, cwd, json } = this.#options;
    const tell = progressTeller(() => performance.now());
    const live: DrawLive = (lines) => {
      if (!running.signal.aborted) this.#draw(lines(liveLook(this.#screenLook())));
    };
    const outcome = await runLine(line, {
      control,
      cwd,
      signal: running.signal,
      askSecret: (prompt) => this.#terminal.readSecret(prompt),
      live: json ? null : live,
      onProgress: (progress) => live((look) => [tell(progress, look)]),
    });
    this.#running = null;
    if (outcome) this.#show(outcome);
    if (!outcome?.ok || !outcome.leaves) this.#warnedOfDownloads = false;
    return outcome?.ok === true && outcome.leaves;
  }

  /** Lines end where words do; what is one word stays one, however long. */
  #print(text: string): void {
    this.#terminal.print(wrap(text, this.#screenLook(), 0).join('\n'));
  }

  /** In the place of the prompt, what is typed meanwhile below it. */
  #draw(lines: readonly string[]): void {
    const screen = this.#options.out.isTTY ? this.#options.out : this.#options.err;
    this.#terminal.setPrompt(lines.length === 0 ? '' : `${fitRows(lines, screen).join('\n')}\n`);
  }

  #show(outcome: Outcome): void {
    const { json, out, env } = this.#options;
    this.#terminal.setPrompt('');
    if (!json && !outcome.ok) {
      this.#print(errorLine(outcome.error, this.#screenLook()));
      return;
    }
    const text = json || !outcome.ok ? outcomeJson(outcome) : outcome.answer.text(lookOf(out, env));
    if (text === '') return;
    if (out.isTTY) this.#print(text);
    else out.write(`${text}\n`);
  }

  /** Leaving while downloads run asks once: the second time is the answer. */
  async #mayLeave(): Promise<boolean> {
    if (this.#warnedOfDownloads || !this.#options.ownsClient) return true;
    this.#warnedOfDownloads = true;
    const { downloads } = await this.#options.control.call('show_downloads', {}).catch(() => ({ downloads: [] }));
    const unfinished = downloads.filter(({ state }) => state === 'D' || state === 'V' || state === 'W').length;
    if (unfinished === 0) return true;
    this.#print(
      `${showCount(unfinished, 'download is', 'downloads are')} not finished: ${unfinished === 1 ? 'it goes' : 'they go'} on when this client starts again. Once more to leave`,
    );
    return false;
  }

  #hear(event: ControlEvent): void {
    const line = eventLine(cleanAll(event), this.#screenLook());
    if (line !== null) this.#print(line);
    if (this.#prompt.hear(event) && this.#running === null) this.#terminal.setPrompt(this.#prompt.text());
  }

  #interrupt(): void {
    if (this.#running) this.#running.abort();
    else if (!this.#terminal.isReading) this.#interruptedEarly = true;
    else if (!this.#terminal.clearLine()) this.#terminal.print('exit or Ctrl-D leaves');
  }

  close(): void {
    this.#unsubscribe();
    this.#options.stop.removeEventListener('abort', this.#stopped);
    this.#terminal.close();
  }
}
