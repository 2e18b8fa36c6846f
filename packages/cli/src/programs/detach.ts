import { spawn } from 'node:child_process';
import { errorFromWire } from '@peerage/contract';
import { clean } from '../render/clean.ts';
import { asRefusal } from '../shell/run-line.ts';
import { quote } from '../words/quote.ts';

interface Ready {
  readonly listen: string;
  readonly home: string;
  readonly pid: number;
}
type ToParent = { readonly ready: Ready } | { readonly refused: { code: string; message: string } };

/** Whether this process is the client that a `--detach` started: it has a channel to it, and no terminal. */
export const isDetached = (): boolean => process.send !== undefined;

/** Says once how the start went; afterwards nothing connects the two. Without a parent that listens it says nothing. */
export async function tellParent(news: { readonly ready: Ready } | { readonly refused: unknown }): Promise<void> {
  if (!process.send || !process.connected) return;
  const message: ToParent = 'ready' in news ? news : { refused: asRefusal(news.refused).toJSON() };
  await new Promise<void>((resolve) => process.send!(message, () => resolve()));
  process.disconnect();
}

/** `--detach`: starts the same client in a process of its own that outlives the terminal, and waits until it is ready. */
export async function detach(args: readonly string[], json: boolean): Promise<number> {
  const ownArgs = args.filter((word) => word !== '--detach');
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, 'client', ...ownArgs], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const said = await new Promise<ToParent>((resolve) => {
    child.once('message', (message) => resolve(message as ToParent));
    child.once('error', (error) => resolve({ refused: { code: 'internal', message: error.message } }));
    child.once('exit', (code, signal) =>
      resolve({ refused: { code: 'internal', message: `the client ended at once (${code ?? signal})` } }),
    );
  });
  if ('refused' in said) throw errorFromWire(said.refused);
  if (child.connected) child.disconnect();
  child.unref();
  const { ready } = said;
  if (json) process.stdout.write(`${JSON.stringify(ready)}\n`);
  else {
    process.stderr.write(`client listening on ${ready.listen}\n`);
    const home = quote(clean(ready.home));
    process.stdout.write(
      `it runs in the background: peerage shell --home ${home} talks to it, peerage stop --home ${home} ends it\n`,
    );
  }
  return 0;
}
