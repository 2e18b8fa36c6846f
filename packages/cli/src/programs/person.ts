import type { ReadStream, WriteStream } from 'node:tty';
import { PeerageError } from '@peerage/contract';
import { LineTerminal } from '../shell/line-terminal.ts';

/** Somebody at the terminal of a program that has no shell: asked on stderr, so that results can be piped away. */
export interface Person {
  ask(question: string): Promise<string>;
  askSecret(question: string): Promise<string>;
}

/** Null where there is no terminal. */
export function personAt(input: ReadStream, screen: WriteStream): Person | null {
  if (!input.isTTY || !screen.isTTY) return null;
  const once = async <Value>(question: (terminal: LineTerminal) => Promise<Value>): Promise<Value> => {
    const interrupted = Promise.withResolvers<never>();
    const terminal = new LineTerminal({
      input,
      screen,
      history: () => [],
      complete: async (line) => [[], line],
      onInterrupt: () => interrupted.reject(new PeerageError('interrupted', 'nothing was answered')),
    });
    try {
      return await Promise.race([question(terminal), interrupted.promise]);
    } finally {
      terminal.close();
      input.pause(); // else an open terminal would keep the program
    }
  };
  return {
    async ask(question) {
      const answer = await once((terminal) => terminal.readLine(question));
      if (answer === null) throw new PeerageError('interrupted', 'nothing was answered');
      return answer;
    },
    askSecret: (question) => once((terminal) => terminal.readSecret(question)),
  };
}
