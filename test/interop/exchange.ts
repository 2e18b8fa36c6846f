/**
 * One run of our engine among stock clients, in a process of its own because it may live in a network namespace:
 * `exchange.ts FOLDER ADDRESS_PREFIX client …`. Every participant has an address of its own, the prefix and a number. Writes one line of JSON: what arrived where.
 */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { freePort } from '../../scripts/drive/free-port.ts';
import { StockClient, type StockName } from '../../scripts/drive/stock/stock-client.ts';
import { OpenEngine } from './open-engine.ts';
import { contentOf, makeShare, type StockShare } from './stock-share.ts';

const LIMIT_MS = 60_000;

/** Whether what came at the end is what was shared, by what was done. */
export type ExchangeResult = Record<string, 'equal' | 'different'>;

const [folder, prefix, ...names] = process.argv.slice(2) as [string, string, ...StockName[]];
const running: StockClient[] = [];
const results: ExchangeResult = {};
let lastAddress = 0;
const address = () => `${prefix}.${++lastAddress}`;
const trackerHost = address();
const seeder = await OpenEngine.start('a'.repeat(32), address());
const leecher = await OpenEngine.start('b'.repeat(32), address());

function start(name: StockName, role: 'seed' | 'leech', share: StockShare, host: string, port: number): StockClient {
  const place = join(folder, `${share.name}-${name}`);
  mkdirSync(join(place, 'files'), { recursive: true });
  if (role === 'seed') cpSync(share.path, join(place, 'files', share.name), { recursive: true });
  const task = { role, torrent: share.torrent, folder: join(place, 'files'), state: join(place, 'state'), host, port };
  const client = StockClient.start(name, task);
  running.push(client);
  return client;
}

const arrived = (name: StockName, share: StockShare) => join(folder, `${share.name}-${name}`, 'files', share.name);

async function compare(what: string, path: string, share: StockShare): Promise<void> {
  const [came, shared] = [await contentOf(path), await contentOf(share.path)];
  results[what] = isDeepStrictEqual(came, shared) ? 'equal' : 'different';
}

type Kind = 'file' | 'folder';

async function fromUs(name: StockName, kind: Kind): Promise<void> {
  const share = await makeShare(kind, `${kind}-to-${name}`, join(folder, `${kind}-to-${name}-whole`), trackerHost);
  share.tracker.add(seeder.host, seeder.port);
  await seeder.seed(share, share.path);
  await start(name, 'leech', share, address(), await freePort()).done();
  await compare(`a ${kind}: ${name} from us`, arrived(name, share), share);
  await share.tracker.close();
}

async function toUs(name: StockName, kind: Kind): Promise<void> {
  const place = join(folder, `${kind}-from-${name}-whole`);
  const share = await makeShare(kind, `${kind}-from-${name}`, place, trackerHost);
  const host = address();
  const port = await freePort();
  start(name, 'seed', share, host, port);
  await share.tracker.seeders(1);
  const destination = join(place, `copy-of-${share.name}`);
  const { done } = await leecher.fetch(share, destination, [`${host}:${port}`]);
  await done;
  await compare(`a ${kind}: we from ${name}`, destination, share);
  await share.tracker.close();
}

async function mixed(): Promise<void> {
  const share = await makeShare('file', 'mixed.bin', join(folder, 'mixed'), trackerHost);
  await seeder.seed(share, share.path);
  for (const engine of [seeder, leecher]) share.tracker.add(engine.host, engine.port);
  const destination = join(folder, 'mixed', 'copy-of-mixed.bin');
  const ours = await leecher.fetch(share, destination, [`${seeder.host}:${seeder.port}`]);
  const clients: (() => Promise<void>)[] = [];
  for (const name of names) {
    const client = start(name, 'leech', share, address(), await freePort());
    clients.push(async () => {
      await client.done();
      await compare(`${name} in the mixed swarm`, arrived(name, share), share);
    });
  }
  await Promise.all([ours.done, ...clients.map((done) => done())]);
  await compare('we in the mixed swarm', destination, share);
  await share.tracker.close();
}

const each = (exchange: (name: StockName, kind: Kind) => Promise<void>) =>
  names.flatMap((name) => [exchange(name, 'file'), exchange(name, 'folder')]);

try {
  const all = Promise.all([...each(fromUs), ...each(toUs), mixed()]);
  const limit = setTimeout(LIMIT_MS, 'too long', { ref: false });
  if ((await Promise.race([all, limit])) === 'too long') process.stderr.write('not everything arrived in time\n');
  process.stdout.write(`${JSON.stringify(results)}\n`);
} finally {
  await Promise.all(running.map((client) => client.stop()));
  await Promise.all([seeder.close(), leecher.close()]);
  process.exit();
}
