import { resolve } from 'node:path';
import type { ClientOptions } from '@peerage/client';
import { type ControlApi, PeerageError } from '@peerage/contract';
import { wrap } from '../render/definitions.ts';
import { lookOf } from '../render/look.ts';
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
  'no-web': 'boolean',
  roots: 'string',
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
  return runClient({
    trackers: trackerInfo === undefined ? null : await readTrackerFile(trackerInfo),
    listen: listenWord === undefined ? null : readPeerAddress(listenWord, 'the address to listen on'),
    advertise: flags.advertise === undefined ? null : readPeerAddress(flags.advertise, 'the address to advertise'),
    home: flags.home ?? null,
    json: flags.json === true,
    stay: flags.stay === true,
    keepGoing: flags['keep-going'] === true,
    web: flags['no-web'] !== true,
    ...(flags.roots !== undefined && { pageRoots: foldersIn(flags.roots) }),
  });
}

const foldersIn = (list: string): string[] =>
  list
    .split(':')
    .filter(Boolean)
    .map((folder) => resolve(folder));

interface ClientRun extends ClientOptions {
  readonly json: boolean;
  readonly stay: boolean;
  readonly keepGoing: boolean;
  /** Said to the client before anybody talks to it; what it answers is told. */
  readonly opening?: (control: ControlApi) => Promise<string>;
}

/** A client from its start to its end, with the shell on this terminal, the script on standard input, or neither (`--detach`). */
export async function runClient({ json, stay, keepGoing, opening, ...options }: ClientRun): Promise<number> {
  using stopping = stopOnSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], talkingThrough());
  const { createClient } = await import('@peerage/client');
  const client = await createClient(options);
  const stop = AbortSignal.any([stopping.signal, client.stopped]);
  try {
    if (isDetached()) {
      await tellParent({ ready: { listen: client.listenAddress, home: client.home, pid: process.pid } });
      await new Promise<void>((ended) => {
        if (stop.aborted) ended();
        stop.addEventListener('abort', () => ended(), { once: true });
      });
      return 0;
    }
    say(`client listening on ${client.listenAddress}`);
    const page = json ? null : client.pageAddress();
    if (page !== null) say(`page at ${page} (works once; later: open)`);
    if (opening) say(await opening(client.control));
    return await converse({
      control: client.control,
      json,
      keepGoing,
      stay,
      ownsClient: true,
      home: client.home,
      stop,
    });
  } finally {
    await client.close();
  }
}

/** What is no result: to stderr, in lines that fit it. */
function say(text: string): void {
  process.stderr.write(`${wrap(text, lookOf(process.stderr, process.env), 0).join('\n')}\n`);
}
