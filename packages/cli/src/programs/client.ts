import { readFile } from 'node:fs/promises';
import { PeerageError, parseTrackerList, type TrackerLine } from '@peerage/contract';
import { runScript } from '../shell/script.ts';
import { readFlags, readPeerAddress } from './flags.ts';
import { stopOnSignals } from './signals.ts';
import { clientUsage } from './usage.ts';

async function readTrackerFile(path: string): Promise<TrackerLine[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? new PeerageError('path_not_found', `there is no tracker file '${path}': make it, with one host:port a line`)
      : new PeerageError(
          'path_not_readable',
          `the tracker file '${path}' can not be read: ${(error as Error).message}`,
        );
  }
  return parseTrackerList(text, path);
}

/** `peerage client …`: a client in this process and its shell on standard input and output. Answers the exit code. */
export async function clientProgram(args: readonly string[]): Promise<number> {
  const { words, flags } = readFlags(
    args,
    { home: 'string', advertise: 'string', json: 'boolean', stay: 'boolean', 'keep-going': 'boolean' },
    clientUsage,
  );
  const [trackerInfo, listenWord, extra] = [...words].reverse();
  if (trackerInfo === undefined || extra !== undefined) {
    throw new PeerageError('usage', `a client needs a tracker file${extra ? ' and nothing more' : ''}: ${clientUsage}`);
  }
  const trackers = await readTrackerFile(trackerInfo);
  const listen = listenWord === undefined ? null : readPeerAddress(listenWord, 'the address to listen on');
  const advertise = flags.advertise === undefined ? null : readPeerAddress(flags.advertise, 'the address to advertise');

  // A script's input is read where its errors are thrown; a terminal's are not.
  const talkingThrough = [process.stdout, process.stderr, ...(process.stdin.isTTY ? [process.stdin] : [])];
  using stopping = stopOnSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], talkingThrough);
  const { createClient } = await import('@peerage/client');
  const client = await createClient({ trackers, listen, home: flags.home ?? null, advertise });
  try {
    process.stderr.write(`client listening on ${client.listenAddress}\n`);
    const shell = {
      control: client.control,
      env: process.env,
      cwd: process.cwd(),
      json: flags.json === true,
      stop: stopping.signal,
    };
    // A conversation needs a place to be held in; where there is none, even typed lines are a script.
    if (process.stdin.isTTY && (process.stdout.isTTY || process.stderr.isTTY)) {
      const { runInteractive } = await import('../shell/interactive.ts');
      return await runInteractive({
        ...shell,
        input: process.stdin,
        out: process.stdout,
        err: process.stderr,
        stateFolder: client.home,
      });
    }
    return await runScript({
      ...shell,
      input: process.stdin,
      out: process.stdout,
      err: process.stderr,
      keepGoing: flags['keep-going'] === true,
      stay: flags.stay === true,
    });
  } finally {
    await client.close();
  }
}
