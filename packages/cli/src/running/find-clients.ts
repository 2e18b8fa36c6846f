import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { CONTROL_FILE, ControlFile, type ControlResult, PeerageError, type Places, placesIn } from '@peerage/contract';
import { RemoteControl } from './remote-control.ts';

/** A client that answered a moment ago. */
export interface RunningClient {
  readonly home: string;
  readonly file: ControlFile;
  readonly status: ControlResult<'status'>;
}

const MOST_FILE_BYTES = 4096;
/** A client answers `status` from memory. */
const ANSWER_MS = 2_000;

/** Where the programs of this user keep things. */
export const ownPlaces = (env: NodeJS.ProcessEnv): Places =>
  placesIn({
    platform: process.platform,
    env,
    homeFolder: homedir(),
    temporaryFolder: tmpdir(),
    userId: userInfo().uid,
  });

/** The client on that home; `no_client` where none answers. */
export async function clientOn(home: string): Promise<RunningClient> {
  const path = resolve(home);
  const client = await ask(path);
  if (client) return client;
  throw new PeerageError(
    'no_client',
    `no client runs on the folder '${path}': start it with peerage client [<tracker_info>] --home ${path}`,
  );
}

/** All clients of this user that answer, in the order of their homes. */
export async function runningClients(env: NodeJS.ProcessEnv): Promise<RunningClient[]> {
  const { clients, running } = ownPlaces(env);
  const homes = new Set([
    ...(await namesIn(clients)).map((name) => join(clients, name)),
    ...(await Promise.all((await namesIn(running)).map((name) => homeNamedIn(join(running, name))))).flat(),
  ]);
  const found = await Promise.all([...homes].sort().map(ask));
  return found.filter((client) => client !== null);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.endsWith('.new'));
  } catch {
    return []; // nothing was ever started there
  }
}

async function homeNamedIn(file: string): Promise<string[]> {
  const text = await smallText(file);
  const home = text?.split('\n')[0];
  return home ? [home] : [];
}

async function smallText(file: string): Promise<string | null> {
  try {
    if ((await stat(file)).size > MOST_FILE_BYTES) return null;
    return await readFile(file, 'utf8');
  } catch {
    return null; // it ended meanwhile
  }
}

/** Null where no client answers: none runs, or one was killed and left its file. */
async function ask(home: string): Promise<RunningClient | null> {
  const file = readControlFile((await smallText(join(home, CONTROL_FILE))) ?? '', home);
  if (file === null) return null;
  try {
    const status = await new RemoteControl(file).call('status', {}, { signal: AbortSignal.timeout(ANSWER_MS) });
    return { home, file, status };
  } catch {
    return null;
  }
}

function readControlFile(text: string, home: string): ControlFile | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const newer = (value as { format?: unknown } | null)?.format;
  if (typeof newer === 'number' && newer > 1) {
    throw new PeerageError('newer_format', `the client on '${home}' is of a newer peerage: call that one's program`);
  }
  return ControlFile.safeParse(value).data ?? null;
}
