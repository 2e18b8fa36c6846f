import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import type { Bench, Contestant, Sample } from '../bench.ts';
import { busyCoreSeconds, cpuSecondsOf, threadSecondsOf } from '../processes.ts';
import { load, mixing, type NextRequest, sharing } from './load.ts';
import { hex, type PreparedDevice, prefillDevices, prefillRows } from './prefill.ts';
import { RawConnection, requestOf, type Target } from './raw-connection.ts';

const CONNECTIONS = 64;
const SECONDS = 8;
const WARM_SECONDS = 8;
const ONLINE_DEVICES = Number(process.env['PEERAGE_BENCH_DEVICES'] ?? 100_000);
const SHARES_EACH = 100;
const MEMBERS_PER_GROUP = 100;
const ROWS = 200_000;
const MIB = 1024 * 1024;
const bare = fileURLToPath(new URL('./bare-tracker.ts', import.meta.url));

/** A file listed in a small group, and ended again. */
const shares = { membersPerGroup: 1, requests: sharing };
/** One more device that shares what is listed already, as whoever downloaded it does; and ends that again. The least that a command of users writes. */
const joins = { ...shares, isOffered: true };
/** The same in groups of 32, whose members look at the list between the two: two of three are writes. */
const mixed = { membersPerGroup: 32, requests: mixing };

/** A folder of one run. */
async function inFolder(parent: string, run: (folder: string) => Promise<Sample>): Promise<Sample> {
  const folder = mkdtempSync(join(parent, 'run-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Trackers of one file; the first on a prepared data folder. */
async function startTrackers(folder: string, listed: number, running: number): Promise<TrackerProcess[]> {
  const info = join(folder, 'tracker_info.txt');
  const lines: string[] = [];
  while (lines.length < listed) lines.push(`127.0.0.1:${await freePort()}\n`);
  writeFileSync(info, lines.join(''));
  const trackers: TrackerProcess[] = [];
  for (let number = 1; number <= running; number++) {
    trackers.push(await TrackerProcess.start(info, number, join(folder, `data-${number}`)));
  }
  return trackers;
}

interface Writing {
  readonly listed: number;
  readonly running: number;
  readonly membersPerGroup: number;
  readonly isOffered?: boolean;
  readonly requests: (devices: readonly PreparedDevice[]) => NextRequest;
}

const writes =
  ({ listed, running, membersPerGroup, isOffered, requests }: Writing) =>
  (folder: string) =>
    inFolder(folder, async (run) => {
      const { devices } = await prefillDevices(join(run, 'data-1'), CONNECTIONS, {
        membersPerGroup,
        isOffered,
        hasMetainfo: true,
      });
      const trackers = await startTrackers(run, listed, running);
      try {
        const target = { port: trackers[0]!.port, isTls: true };
        if (running > 1) await followed(target.port, devices[0]!.token);
        return await costOfWrites(
          target,
          trackers.map(({ process }) => process.pid!),
          requests(devices),
        );
      } finally {
        await Promise.all(trackers.map((tracker) => tracker.stop()));
      }
    });

/** What the writes cost, beside how many there are: on a machine that others use too only this says what the trackers can do. The first seconds, in which code is compiled, do not count. */
async function costOfWrites(
  target: Target,
  [pid = 0, ...others]: readonly number[],
  next: NextRequest,
): Promise<Sample> {
  await load(target, CONNECTIONS, WARM_SECONDS, next);
  const own = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
  const before = { threads: threadSecondsOf(pid), others: others.map(cpuSecondsOf), own: own() };
  const busy = { cores: busyCoreSeconds(), atMs: performance.now() };
  const { perSecond, p50Ms, p99Ms, answers } = await load(target, CONNECTIONS, SECONDS, next);
  const threads = threadSecondsOf(pid);
  const cores = (busyCoreSeconds() - busy.cores) / ((performance.now() - busy.atMs) / 1_000);
  const perWrite = (seconds: number) => (seconds * 1e6) / answers;
  return {
    writes: perSecond,
    p50: p50Ms,
    p99: p99Ms,
    main: perWrite(threads.main - before.threads.main),
    writer: perWrite(threads.writer - before.threads.writer),
    rest: perWrite(threads.rest - before.threads.rest),
    ...(others.length > 0 && {
      follower: perWrite(others.reduce((sum, each, index) => sum + cpuSecondsOf(each) - before.others[index]!, 0)),
    }),
    load: perWrite(own() - before.own),
    cores,
  };
}

/** Resolves when another tracker has everything. */
async function followed(port: number, token: string): Promise<void> {
  const connection = await RawConnection.open({ port, isTls: true });
  for (;;) {
    const metrics = await metricsOf(port);
    const lag = /^peerage_replication_lag_seconds\{tracker="2"\} (\S+)$/m.exec(metrics)?.[1];
    if (lag === '0') break;
    await connection.ask(requestOf('GET', '/v1/me', token));
  }
  connection.close();
}

async function writesWithoutTls(folder: string): Promise<Sample> {
  return inFolder(folder, async (run) => {
    const { devices } = await prefillDevices(join(run, 'data-1'), CONNECTIONS, { membersPerGroup: 1 });
    const tracker = spawn(process.execPath, [bare, 'http', join(run, 'data-1')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(createInterface({ input: tracker.stdout }), 'line')) as [string];
      return await costOfWrites({ port: Number(line), isTls: false }, [tracker.pid!], sharing(devices));
    } finally {
      tracker.kill();
      await once(tracker, 'exit');
    }
  });
}

async function writesWithoutHttp(folder: string): Promise<Sample> {
  return inFolder(folder, async (run) => {
    const { devices } = await prefillDevices(join(run, 'data-1'), CONNECTIONS, { membersPerGroup: 1 });
    const list = join(run, 'devices.json');
    writeFileSync(list, JSON.stringify(devices));
    const said = execFileSync(process.execPath, [bare, 'writer', join(run, 'data-1'), list, String(SECONDS)]);
    return { writes: Number(said) };
  });
}

const metricsOf = (port: number): Promise<string> =>
  import('node:https').then(
    ({ get }) =>
      new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port, path: '/metrics', rejectUnauthorized: false, agent: false }, (answer) => {
          let text = '';
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () => resolve(text));
        }).on('error', reject);
      }),
  );

const rssMibOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

/** Every device beats once with all that it fetches, then once more as it does when nothing changed; then peers are looked up. */
async function presence(folder: string): Promise<Sample> {
  return inFolder(folder, async (run) => {
    const { devices, presenceSession } = await prefillDevices(join(run, 'data-1'), ONLINE_DEVICES, {
      membersPerGroup: MEMBERS_PER_GROUP,
    });
    const [tracker] = (await startTrackers(run, 1, 1)) as [TrackerProcess];
    try {
      const target = { port: tracker.port, isTls: true };
      const pid = tracker.process.pid!;
      const groups = Math.ceil(devices.length / MEMBERS_PER_GROUP);
      const shares = Array.from({ length: groups }, () => Array.from({ length: SHARES_EACH }, () => hex(20)));
      const beat = (version: number) => (connection: number, count: number) => {
        const index = connection + count * CONNECTIONS;
        const device = devices[index];
        if (!device) return undefined;
        const { group, token } = device;
        const downloading = shares[Math.floor(index / MEMBERS_PER_GROUP)]!.map((infoHash) => ({ group, infoHash }));
        const addresses = [{ host: '127.0.0.1', port: 1024 + (index % 60_000) }];
        return requestOf('POST', '/v1/presence', token, {
          presenceSession,
          version,
          addresses,
          downloading,
          withheld: [],
        });
      };
      const before = rssMibOf(pid);
      const first = await load(target, CONNECTIONS, 3_600, beat(1));
      const online = rssMibOf(pid);
      const again = await load(target, CONNECTIONS, 10, beat(1));
      const lookUps = await load(target, CONNECTIONS, 8, (connection, count) => {
        const index = (connection * 7_919 + count * 104_729) % devices.length;
        const { group, token } = devices[index]!;
        const infoHash = shares[Math.floor(index / MEMBERS_PER_GROUP)]![count % SHARES_EACH];
        return requestOf('GET', `/v1/groups/${group}/peers/${infoHash}`, token);
      });
      const calm = rssMibOf(pid);
      const held = await Promise.all(Array.from({ length: 200 }, () => RawConnection.open(target)));
      const connected = rssMibOf(pid);
      for (const connection of held) connection.close();
      return {
        beats: first.perSecond,
        beatsAgain: again.perSecond,
        lookUps: lookUps.perSecond,
        p99: lookUps.p99Ms,
        kibPerDevice: ((online - before) * MIB) / 1024 / devices.length,
        kibPerConnection: Math.max(0, ((connected - calm) * MIB) / 1024 / held.length),
      };
    } finally {
      await tracker.stop();
    }
  });
}

/** From the start of a tracker that holds nothing until it has all rows of the other. */
async function catchUp(folder: string): Promise<Sample> {
  return inFolder(folder, async (run) => {
    await prefillRows(join(run, 'data-1'), ROWS);
    const trackers = await startTrackers(run, 2, 1);
    try {
      const begun = performance.now();
      const info = join(run, 'tracker_info.txt');
      trackers.push(await TrackerProcess.start(info, 2, join(run, 'data-2')));
      const started = performance.now();
      const held = new DatabaseSync(join(run, 'data-2', 'tracker.db'), { readOnly: true });
      const ops = held.prepare('SELECT coalesce(max(held), 0) AS ops FROM origins');
      while (Number(ops.get()?.['ops']) < ROWS) await new Promise((resolve) => setTimeout(resolve, 20));
      const ended = performance.now();
      held.close();
      const counted = await metricsOf(trackers[1]!.port); // counts all rows: once, when it is over
      if (!counted.includes(`peerage_rows{kind="command"} ${ROWS}`)) throw new Error('it holds other rows');
      return { catchUp: (ended - begun) / 1_000, start: (started - begun) / 1_000 };
    } finally {
      await Promise.all(trackers.map((tracker) => tracker.stop()));
    }
  });
}

export const bench: Bench = {
  about: `acknowledged durable writes (the least that a command of users writes is one more sharer of a file, on or off) through the authenticated API over ${CONNECTIONS} connections for ${SECONDS} s, with what TLS and HTTP take of it; ${ONLINE_DEVICES} online devices with ${SHARES_EACH} shares each; catching up ${ROWS} rows`,
  figures: [
    { key: 'writes', title: 'writes/s', digits: 0 },
    { key: 'p50', title: 'p50 ms', digits: 1 },
    { key: 'p99', title: 'p99 ms', digits: 1 },
    { key: 'main', title: 'main thread µs', digits: 0 },
    { key: 'writer', title: 'writer µs', digits: 0 },
    { key: 'rest', title: 'compiler, garbage µs', digits: 0 },
    { key: 'follower', title: 'follower µs', digits: 0 },
    { key: 'load', title: 'load generator µs', digits: 0 },
    { key: 'cores', title: 'busy cores', digits: 2 },
    { key: 'beats', title: 'first heartbeats/s', digits: 0 },
    { key: 'beatsAgain', title: 'heartbeats/s', digits: 0 },
    { key: 'lookUps', title: 'look-ups/s', digits: 0 },
    { key: 'kibPerDevice', title: 'KiB/device', digits: 1 },
    { key: 'kibPerConnection', title: 'KiB/connection', digits: 0 },
    { key: 'catchUp', title: 'catch-up s', digits: 2 },
    { key: 'start', title: 'of it start s', digits: 2 },
  ],
  async prepare({ folder, wants }) {
    const all: readonly (readonly [string, (folder: string) => Promise<Sample>])[] = [
      ['writes, the other follows', writes({ ...shares, listed: 2, running: 2 })],
      ['writes, the other dead', writes({ ...shares, listed: 2, running: 1 })],
      ['one more sharer, the other follows', writes({ ...joins, listed: 2, running: 2 })],
      ['one more sharer, the other dead', writes({ ...joins, listed: 2, running: 1 })],
      ['writes, alone', writes({ ...shares, listed: 1, running: 1 })],
      ['two of three write, groups of 32, the other follows', writes({ ...mixed, listed: 2, running: 2 })],
      ['two of three write, groups of 32, alone', writes({ ...mixed, listed: 1, running: 1 })],
      ['writes, alone, no TLS', writesWithoutTls],
      ['writes, alone, no HTTP', writesWithoutHttp],
      ['catch-up', catchUp],
      ['presence', presence],
    ];
    const contestants: Contestant[] = all
      .filter(([name]) => wants(name))
      .map(([name, run]) => ({ name, run: () => run(folder) }));
    return { contestants, end: async () => undefined };
  },
};
