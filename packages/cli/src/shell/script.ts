import type { Readable, Writable } from 'node:stream';
import type { ControlApi, ControlEvent, Progress } from '@peerage/contract';
import type { DrawLive } from '../commands/command.ts';
import { cleanAll } from '../render/clean.ts';
import { lookOf, plainLook } from '../render/look.ts';
import { progressTeller } from '../render/progress-text.ts';
import { eventLine } from './event-line.ts';
import { type InputLine, readLines } from './lines.ts';
import { LiveArea, liveLook } from './live-area.ts';
import { type Outcome, runLine } from './run-line.ts';
import { errorLine, outcomeJson } from './show-outcome.ts';

export interface ScriptOptions {
  readonly control: ControlApi;
  readonly input: Readable;
  readonly out: Writable;
  readonly err: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly json: boolean;
  readonly keepGoing: boolean;
  /** Go on after the end of input until `stop`, as a scripted seeder does. */
  readonly stay: boolean;
  /** A signal came, or nobody reads the output any more: end the running command and leave. */
  readonly stop: AbortSignal;
}

/** What a script's reader should hear of without having asked; the rest it asks for itself. */
export const worthTelling: ReadonlySet<ControlEvent['type']> = new Set([
  'share_problem',
  'peer_banned',
  'tracker_changed',
  'notice',
]);

const write = (stream: Writable, text: string): Promise<void> =>
  new Promise((resolve) => {
    stream.write(`${text}\n`, () => resolve());
  });

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * Input that is not a terminal, one command a line, strictly one after another. Results go to `out`, `error:` lines to `err`; with
 * `json` one line for each command goes to `out`. Answers the exit code: that of the first command that failed.
 */
export async function runScript(options: ScriptOptions): Promise<number> {
  const { control, input, out, err, cwd, json, keepGoing, stay, stop } = options;
  const area = err.isTTY === true ? new LiveArea(err) : null;
  const stopped = whenAborted(stop);
  let firstFailure = 0;

  const show = async (outcome: Outcome): Promise<void> => {
    area?.clear();
    if (json) return write(out, outcomeJson(outcome));
    if (!outcome.ok) return write(err, errorLine(outcome.error, lookOf(err, options.env)));
    const text = outcome.answer.text(plainLook);
    if (text !== '') await write(out, text);
  };
  const run = (line: InputLine): Promise<Outcome | null> | Outcome => {
    if ('refused' in line) return { command: null, ok: false, error: line.refused };
    const tell = progressTeller(() => performance.now());
    const live: DrawLive | null = area && ((lines) => area.show(lines(liveLook(lookOf(err, options.env)))));
    const onProgress = (now: Progress) => live?.((look) => [tell(now, look)]);
    return runLine(line.text, { control, cwd, signal: stop, askSecret: null, live, onProgress });
  };

  const unsubscribe = control.subscribe((event) => {
    const line = json || !worthTelling.has(event.type) ? null : eventLine(cleanAll(event), lookOf(err, options.env));
    if (line !== null) void write(err, line);
  });
  const lines = readLines(input);
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), stopped]);
      if (!next) return firstFailure;
      if (next.done) break;
      const outcome = await run(next.value);
      if (!outcome) continue;
      await show(outcome);
      if (!outcome.ok) {
        firstFailure ||= outcome.error.exitCode;
        if (!keepGoing || stop.aborted) return firstFailure;
      } else if (outcome.leaves) return firstFailure;
    }
    if (stay) await stopped;
    return firstFailure;
  } finally {
    unsubscribe();
    area?.clear();
    // What was not read is not run; an open pipe would keep the process alive.
    input.destroy();
  }
}
