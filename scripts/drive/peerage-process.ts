import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endsWithParent } from './ends-with-parent.ts';

/** The program as a user starts it in the clone. */
export const peerage = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'node_modules', '.bin', 'peerage');

export interface Started {
  readonly process: ChildProcess;
  /** Everything written so far, for the message of a failure. */
  readonly output: () => string;
}

/** Starts the program (as the user `uid`, in a network namespace) and resolves when a line of its output matches; rejects with all it said if it ends before. */
export async function startPeerage(
  args: readonly string[],
  ready: { stream: 'stdout' | 'stderr'; pattern: RegExp },
  env: Readonly<Record<string, string>> = {},
  uid?: number,
  namespace?: string,
): Promise<Started & { match: RegExpMatchArray }> {
  // All that stands before the program becomes it: the process is the client's own.
  const inNamespace = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const [program, ...words] = [...inNamespace, ...endsWithParent, peerage, ...args];
  const child = spawn(program!, words, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let said = '';
  const keep = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-64 * 1024);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined); // the process ended first: its exit is what is reported
  const lines = createInterface({ input: child[ready.stream] });
  const match = await new Promise<RegExpMatchArray>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = line.match(ready.pattern);
      if (found) resolve(found);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`peerage ${args.join(' ')} ended (${code ?? signal}) before it was ready:\n${said}`)),
    );
  });
  lines.close();
  child[ready.stream].resume(); // closing the lines paused it: what comes later is to be read too
  return { process: child, output: () => said, match };
}

/** Sends the signal and resolves when the process is gone. */
export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = once(child, 'exit');
  child.kill(signal);
  child.kill('SIGCONT'); // a process that a test has stopped would hear of nothing else
  await gone;
  return child.exitCode;
}
