import { PeerageError } from '@peerage/contract';
import { converse, talkingThrough } from './converse.ts';
import { detach, isDetached, tellParent } from './detach.ts';
import { readFlags, readPeerAddress } from './flags.ts';
import { stopOnSignals } from './signals.ts';
import { readTrackerFile } from './tracker-file.ts';
import { clientUsage } from './usage.ts';

const flagKinds = {
  home: 'string',
  advertise: 'string',
  json: 'boolean',
  stay: 'boolean',
  'keep-going': 'boolean',
  detach: 'boolean',
} as const;

/** `peerage client …`: a client in this process and its shell on standard input and output. Answers the exit code. */
export async function clientProgram(args: readonly string[]): Promise<number> {
  try {
    const { words, flags } = readFlags(args, flagKinds, clientUsage);
    if (flags.detach) return await detach(args, flags.json === true);
    return await run(words, flags);
  } catch (error) {
    await tellParent({ refused: error });
    throw error;
  }
}

type Flags = ReturnType<typeof readFlags<typeof flagKinds>>['flags'];

async function run(words: readonly string[], flags: Flags): Promise<number> {
  const [trackerInfo, listenWord, extra] = [...words].reverse();
  if (extra !== undefined)
    throw new PeerageError('usage', `a client needs a tracker file and nothing more: ${clientUsage}`);
  if (trackerInfo === undefined && !flags.home && !process.env['PEERAGE_HOME']) {
    throw new PeerageError(
      'usage',
      `a client needs a tracker file, or --home with a folder that has one: ${clientUsage}`,
    );
  }
  const trackers = trackerInfo === undefined ? null : await readTrackerFile(trackerInfo);
  const listen = listenWord === undefined ? null : readPeerAddress(listenWord, 'the address to listen on');
  const advertise = flags.advertise === undefined ? null : readPeerAddress(flags.advertise, 'the address to advertise');

  using stopping = stopOnSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], talkingThrough());
  const { createClient } = await import('@peerage/client');
  const client = await createClient({ trackers, listen, home: flags.home ?? null, advertise });
  const stop = AbortSignal.any([stopping.signal, client.stopped]);
  try {
    if (isDetached()) {
      await tellParent({ ready: { listen: client.listenAddress, home: client.home, pid: process.pid } });
      await new Promise<void>((resolve) => {
        if (stop.aborted) resolve();
        stop.addEventListener('abort', () => resolve(), { once: true });
      });
      return 0;
    }
    process.stderr.write(`client listening on ${client.listenAddress}\n`);
    return await converse({
      control: client.control,
      json: flags.json === true,
      keepGoing: flags['keep-going'] === true,
      stay: flags.stay === true,
      ownsClient: true,
      home: client.home,
      stop,
    });
  } finally {
    await client.close();
  }
}
