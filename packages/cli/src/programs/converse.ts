import type { ControlApi } from '@peerage/contract';
import { runScript } from '../shell/script.ts';

interface Conversation {
  readonly control: ControlApi;
  readonly json: boolean;
  readonly keepGoing: boolean;
  readonly stay: boolean;
  readonly ownsClient: boolean;
  /** Where the history is kept. */
  readonly home: string;
  readonly stop: AbortSignal;
}

/** The shell on this process's terminal, or the script on its standard input. Answers the exit code. */
export async function converse({ home, keepGoing, stay, ownsClient, ...given }: Conversation): Promise<number> {
  const { stdin: input, stdout: out, stderr: err, env } = process;
  const shell = { ...given, input, out, err, env, cwd: process.cwd() };
  // A conversation needs a place to be held in; where there is none, even typed lines are a script.
  if (input.isTTY && (out.isTTY || err.isTTY)) {
    const { runInteractive } = await import('../shell/interactive.ts');
    return runInteractive({ ...shell, stateFolder: home, ownsClient });
  }
  return runScript({ ...shell, keepGoing, stay });
}

/** What ends a conversation when nobody holds its other end any more. A script's input is read where its errors are thrown; a terminal's are not. */
export const talkingThrough = () => [process.stdout, process.stderr, ...(process.stdin.isTTY ? [process.stdin] : [])];
