import { type ControlApi, PeerageError, type Progress } from '@peerage/contract';
import type { Answer, Argument, Command, DrawLive } from '../commands/command.ts';
import { readWords } from '../commands/read-words.ts';
import { findCommand } from '../commands/table.ts';
import { tokenise } from '../words/tokenise.ts';

export interface LineContext {
  readonly control: ControlApi;
  /** Where relative paths begin. */
  readonly cwd: string;
  /** Ends the running command with `interrupted`. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Null where nobody looks on. */
  readonly live: DrawLive | null;
  /** Asks a person for what must not be shown; null where nobody can be asked. */
  readonly askSecret: ((prompt: string) => Promise<string>) | null;
  /** Whether what nobody sees is asked for twice where a slip would lock somebody out; left out: it is. */
  readonly asksTwice?: boolean;
}

/** How a line ended. `command` is null where the line can't be split or is no command. */
export type Outcome =
  | { readonly command: string; readonly ok: true; readonly answer: Answer; readonly leaves: boolean }
  | { readonly command: string | null; readonly ok: false; readonly error: PeerageError };

/** Anything thrown as the refusal that a person reads: what is no refusal is a defect of the program. */
export const asRefusal = (error: unknown): PeerageError =>
  error instanceof PeerageError
    ? error
    : new PeerageError('internal', `peerage failed: ${error instanceof Error ? error.message : String(error)}`);

async function askFor(argument: Argument, context: LineContext): Promise<string> {
  const { prompt, twice } = argument.asked!;
  if (context.askSecret === null) {
    throw new PeerageError(
      'usage',
      `nobody can be asked for <${argument.shown}> here, give it as a word, or to a one-shot command by --password-stdin`,
    );
  }
  const secret = await context.askSecret(`${prompt}: `);
  if (secret === '') throw new PeerageError('usage', 'the password is empty: nothing was done');
  if (twice && context.asksTwice !== false && (await context.askSecret(`${prompt}, once more: `)) !== secret) {
    throw new PeerageError('usage', 'the two passwords differ: nothing was done');
  }
  return secret;
}

async function runCommand(command: Command, words: readonly string[], context: LineContext): Promise<Answer> {
  const { byKey, toAsk } = readWords(command, words);
  const asked: Record<string, string> = {};
  for (const argument of toAsk) asked[argument.key] = await askFor(argument, context);
  const { control, cwd, signal, onProgress, live } = context;
  const refusal = new PeerageError('interrupted', `${command.name} was interrupted`);
  if (signal.aborted) throw refusal;
  const options = { signal, ...(onProgress && { onProgress }) };
  const running = command.run({ ...byKey, ...asked }, { control, cwd, options, live });
  if (command.endsByInterrupt?.(byKey)) return running;
  const interrupted = Promise.withResolvers<never>();
  const interrupt = () => interrupted.reject(refusal);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    // The race ends the command for the person at once, even while the client is still on its way out of it.
    return await Promise.race([interrupted.promise, running]);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** Runs a command by its words. Never throws: what goes wrong is the outcome. */
export async function runWords(name: string, words: readonly string[], context: LineContext): Promise<Outcome> {
  let command: Command | undefined;
  try {
    command = findCommand(name);
    const answer = await runCommand(command, words, context);
    return { command: command.name, ok: true, answer, leaves: command.leaves === true };
  } catch (error) {
    return { command: command?.name ?? null, ok: false, error: asRefusal(error) };
  }
}

/** Runs one line; null where there is nothing on it. Never throws, as runWords. */
export async function runLine(line: string, context: LineContext): Promise<Outcome | null> {
  let words: string[];
  try {
    words = tokenise(line);
  } catch (error) {
    return { command: null, ok: false, error: asRefusal(error) };
  }
  const [name, ...rest] = words;
  return name === undefined ? null : runWords(name, rest, context);
}
