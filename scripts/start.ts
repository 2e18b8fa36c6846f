/**
 * `npm start`: two trackers and a client with its shell, on this machine, in `.peerage/` of the clone. A second `npm start` in another
 * terminal finds the trackers running and adds another client. What was made stays there for the next time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './drive/free-port.ts';
import { peerage } from './drive/peerage-process.ts';

const clone = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(clone, '.peerage');
const trackerInfo = join(folder, 'tracker_info.txt');
/** The clone's folder stands for the platform's: homes and the trackers' secret lie in it. */
const environment = { ...process.env, XDG_DATA_HOME: folder };

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false; // nobody listens: that is the answer
  } finally {
    socket.destroy();
  }
}

const TRACKERS = 2;

/** The ports of the clone's trackers, as its tracker file has them. */
async function trackerPorts(): Promise<number[]> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lines = existsSync(trackerInfo) ? readFileSync(trackerInfo, 'utf8').trim().split('\n') : [];
  while (lines.length < TRACKERS) lines.push(`127.0.0.1:${await freePort()}`);
  writeFileSync(trackerInfo, `${lines.join('\n')}\n`);
  return lines.map((line) => Number(line.trim().split(':').at(-1)));
}

/** A tracker of the clone: undefined where it is running, else a new process. It is kept out of the terminal's process group, so that Ctrl-C reaches the shell only. */
async function startTracker(number: number, port: number): Promise<ChildProcess | undefined> {
  if (await listens(port)) {
    process.stderr.write(`tracker ${number} is running on 127.0.0.1:${port}\n`);
    return undefined;
  }
  const tracker = spawn(
    peerage,
    ['tracker', trackerInfo, String(number), '--data', join(folder, `tracker-${number}`)],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: environment,
    },
  );
  const lines = createInterface({ input: tracker.stdout });
  const started = once(lines, 'line');
  const ended = once(tracker, 'exit').then(([code]) => {
    throw new Error(`tracker ${number} ended at once (${code}): what it said stands above`);
  });
  const [line] = await Promise.race([started, ended]);
  ended.catch(() => undefined); // from here on its end is the client's to notice
  lines.close();
  tracker.stdout.resume();
  process.stderr.write(`${line}\n`);
  return tracker;
}

const firstSteps = `
What to type next:
  create_user alice secret       make an account
  login alice secret             log in
  create_group team              make a group that you own
  upload_file <file_path> team   share a file in it
  help                           everything else
For a second client, open another terminal, go to '${clone}' and type: npm start
There: create_user bob secret, login bob secret, join_group team; then here: accept_request team bob;
and there: list_files team, download_file team <file_name> <destination_path>.
`;

const ports = await trackerPorts();
const trackers: ChildProcess[] = [];
for (const [index, port] of ports.entries()) {
  const tracker = await startTracker(index + 1, port);
  if (tracker) trackers.push(tracker);
}
if (process.stdin.isTTY) process.stderr.write(`${firstSteps}\n`);

/** Without a home of its own the client takes the first of default, default-2, … that no running client holds. */
async function runClient(): Promise<number> {
  const client = spawn(peerage, ['client', trackerInfo, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: environment,
  });
  process.on('SIGTERM', () => client.kill('SIGTERM'));
  process.on('SIGINT', () => undefined); // the terminal sends it to the shell itself, which knows what to do
  const [code] = (await once(client, 'exit')) as [number | null];
  return code ?? 1;
}

try {
  process.exitCode = await runClient();
} finally {
  for (const tracker of trackers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    const gone = once(tracker, 'exit');
    tracker.kill('SIGTERM');
    await gone;
  }
}
