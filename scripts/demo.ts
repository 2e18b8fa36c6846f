/**
 * The main job without questions: two trackers, four clients, one file shared by the first and fetched by the others at once. In the middle of it the tracker that serves is killed.
 * Everything runs on loopback in a temporary folder and is removed at the end. Size: PEERAGE_DEMO_MIB (256).
 */
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Download } from '@peerage/contract';
import { ClientProcess } from './drive/client-process.ts';
import { freePort } from './drive/free-port.ts';
import { TrackerProcess } from './drive/tracker-process.ts';

const MIB = 1024 * 1024;
const sizeMib = Number(process.env['PEERAGE_DEMO_MIB'] ?? 256);
const names = ['alice', 'bob', 'carol', 'dave'] as const;
const live = process.stdout.isTTY === true;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function sha1Of(path: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(createReadStream(path, { highWaterMark: MIB }), hash);
  return hash.digest('hex');
}

async function writeRandomFile(path: string): Promise<void> {
  const block = Buffer.allocUnsafe(MIB);
  await pipeline(function* () {
    for (let written = 0; written < sizeMib; written++) yield Buffer.from(randomFillSync(block));
  }, createWriteStream(path));
}

function bar(user: string, download: Download | undefined): string {
  const share = download && download.size > 0 ? download.done / download.size : 0;
  const full = Math.round(share * 40);
  const rate = download?.state === 'D' ? `${(download.rate / 1e6).toFixed(1)} MB/s from ${download.peers} peers` : '';
  return `  ${user.padEnd(6)} [${'#'.repeat(full)}${'.'.repeat(40 - full)}] ${String(Math.floor(share * 100)).padStart(3)}% ${rate}`;
}

/** Shows how the downloads go on until none is under way, and does something once in the middle. In a terminal the bars stay in place. */
async function watchDownloads(
  clients: ReadonlyMap<string, ClientProcess>,
  inTheMiddle: () => Promise<string>,
): Promise<Map<string, Download>> {
  let drawn = 0;
  let isFirstHalf = true;
  for (;;) {
    const states = new Map<string, Download>();
    for (const [user, client] of clients) {
      const [download] = (await client.do('show_downloads')).downloads;
      if (download) states.set(user, download);
    }
    const done = [...states.values()].reduce((sum, download) => sum + download.done / Math.max(1, download.size), 0);
    if (isFirstHalf && done > clients.size * 0.3) {
      isFirstHalf = false;
      const said = await inTheMiddle();
      say(`${live ? '\x1b[2K' : ''}${said}`);
      drawn = 0;
    }
    const over = [...states.values()].every(({ state }) => state === 'C' || state === 'E');
    if (live || over) {
      if (drawn > 0) process.stdout.write(`\x1b[${drawn}A`);
      for (const user of clients.keys()) say(`${live ? '\x1b[2K' : ''}${bar(user, states.get(user))}`);
      drawn = live ? clients.size : 0;
    }
    if (over) return states;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function whoGaveWhom(downloads: ReadonlyMap<string, Download>): void {
  say(`\n  ${'MiB to'.padEnd(8)}${names.map((name) => `from ${name}`.padStart(12)).join('')}`);
  for (const [user, download] of downloads) {
    const cells = names.map((name) => {
      const bytes = download.sources.find((source) => source.user === name)?.bytes ?? 0;
      return (name === user ? '' : (bytes / MIB).toFixed(1)).padStart(12);
    });
    say(`  ${user.padEnd(8)}${cells.join('')}`);
  }
  say('');
}

async function runDemo(folder: string, stop: (what: () => Promise<unknown>) => void): Promise<boolean> {
  const trackerInfo = join(folder, 'tracker_info.txt');
  await writeFile(trackerInfo, `127.0.0.1:${await freePort()}\n127.0.0.1:${await freePort()}\n`);
  const trackers: TrackerProcess[] = [];
  for (const number of [1, 2]) {
    const tracker = await TrackerProcess.start(trackerInfo, number, join(folder, `tracker-${number}`));
    stop(() => tracker.stop());
    trackers.push(tracker);
    say(`tracker ${number} listens on ${tracker.host}:${tracker.port}`);
  }

  const clients = new Map<string, ClientProcess>();
  for (const name of names) {
    const client = await ClientProcess.start(trackerInfo, join(folder, name));
    stop(() => client.stop());
    clients.set(name, client);
    await client.do('create_user', name, `${name}'s secret`);
    await client.do('login', name, `${name}'s secret`);
    say(`${name} listens on ${client.listenAddress}`);
  }
  const [alice, ...others] = [...clients.values()] as [ClientProcess, ...ClientProcess[]];
  await alice.do('create_group', 'team');
  for (const [index, client] of others.entries()) {
    await client.do('join_group', 'team');
    await alice.do('accept_request', 'team', names[index + 1]!);
  }

  const source = join(folder, 'film.bin');
  await writeRandomFile(source);
  const shared = await alice.do('upload_file', source, 'team');
  say(`alice shares film.bin in team: ${sizeMib} MiB, ${shared.pieces} pieces, SHA-1 ${shared.sha1}\n`);

  const fetchers = new Map([...clients].filter(([user]) => user !== 'alice'));
  for (const [user, client] of fetchers) {
    await mkdir(join(folder, `${user}-files`));
    await client.do('download_file', 'team', 'film.bin', join(folder, `${user}-files`));
  }
  const downloads = await watchDownloads(fetchers, async () => {
    await trackers[0]!.stop('SIGKILL');
    const [begun, lines] = [performance.now(), ['tracker 1 is killed while it serves']];
    for (const [user, client] of clients) {
      const { files } = await client.do('list_files', 'team');
      const serving = (await client.do('trackers')).trackers.findIndex((tracker) => tracker.serving) + 1;
      const afterMs = Math.round(performance.now() - begun);
      lines.push(`  ${user} lists ${files.length} file through tracker ${serving}, ${afterMs} ms after`);
    }
    return `${lines.join('\n')}\n`;
  });
  for (const [user, { state, reason }] of downloads) {
    if (state !== 'C') say(`  ${user}: ${reason?.message ?? 'not complete'}`);
  }
  whoGaveWhom(downloads);

  let equal = 0;
  for (const { destination, state } of downloads.values()) {
    if (state === 'C' && (await sha1Of(destination)) === shared.sha1) equal++;
  }
  say(`demo: ${equal} of ${fetchers.size} copies equal`);
  return equal === fetchers.size;
}

const folder = await mkdtemp(join(tmpdir(), 'peerage-demo-'));
const stops: (() => Promise<unknown>)[] = [];
const cleanUp = async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await rm(folder, { recursive: true, force: true });
};
process.once('SIGINT', () => void cleanUp().then(() => process.exit(130)));
try {
  process.exitCode = (await runDemo(folder, (what) => stops.push(what))) ? 0 : 1;
} finally {
  await cleanUp();
}
