import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StockName } from '../../scripts/drive/stock/stock-client.ts';
import type { ExchangeResult } from './exchange.ts';
import { installStockClients } from './install.ts';
import { makeShare } from './stock-share.ts';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const namespace = `peerage-${process.pid}`;
const PREFIX = '10.99.7';
const missing = installStockClients();
const present = (['libtorrent', 'aria2', 'transmission'] as const).filter((name) => missing[name] === undefined);
const folder = mkdtempSync(join(tmpdir(), 'peerage-interop-'));

/** Transmission wants addresses that are not 127.0.0.0/8: a namespace has them. */
const hasNamespace = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', namespace]).status === 0;

beforeAll(async () => {
  if (!hasNamespace) return;
  const ip = (...args: string[]) => run('ip', ['-n', namespace, ...args]);
  await ip('link', 'set', 'lo', 'up');
  await ip('addr', 'add', `${PREFIX}.1/24`, 'dev', 'lo');
  for (let host = 2; host <= 40; host++) await ip('addr', 'add', `${PREFIX}.${host}/32`, 'dev', 'lo');
});

afterAll(async () => {
  if (hasNamespace) await run('ip', ['netns', 'del', namespace]);
  rmSync(folder, { recursive: true });
});

const readers: Record<'libtorrent' | 'aria2' | 'transmission', (torrent: string) => string[]> = {
  libtorrent: (torrent) => [
    '/usr/bin/python3',
    '-c',
    `import libtorrent, sys; print('Info Hash:', libtorrent.torrent_info(sys.argv[1]).info_hash())`,
    torrent,
  ],
  aria2: (torrent) => ['aria2c', '--no-conf', '-S', torrent],
  transmission: (torrent) => ['transmission-show', torrent],
};

const readings = (['libtorrent', 'aria2', 'transmission'] as const).flatMap((name) =>
  (['file', 'folder'] as const).map((kind) => ({
    name,
    kind,
    why: missing[name] ? ` (left out: ${missing[name]})` : '',
  })),
);
for (const { name, kind, why } of readings) {
  test(`${name} finds the info-hash of our metainfo of a ${kind}${why}`, async (context) => {
    context.skip(missing[name] !== undefined);
    const share = await makeShare(kind, 'shared', join(folder, `read-${name}-${kind}`), '127.0.0.1');
    try {
      const [program, ...args] = readers[name](share.torrent);
      const { stdout } = await run(program!, args);
      expect(/Hash(?: v1)?: ([0-9a-f]{40})/.exec(stdout)?.[1]).toBe(share.infoHash);
    } finally {
      await share.tracker.close();
    }
  });
}

const swarm: readonly StockName[] = present.filter((name) => hasNamespace || name !== 'transmission');
const why = hasNamespace ? '' : ' (left out: Transmission, which needs a network namespace, and that needs root)';

test(`we and ${swarm.join(', ')} fetch files and folders from each other, alone and all in one swarm${why}`, async (context) => {
  context.skip(swarm.length === 0, 'no stock client is installed');
  const command = [process.execPath, join(here, 'exchange.ts'), folder];
  const [program, ...args] = hasNamespace
    ? ['ip', 'netns', 'exec', namespace, ...command, PREFIX, ...swarm]
    : [...command, '127.99.7', ...swarm];
  const { stdout } = await run(program!, args, { timeout: 90_000 });
  const expected: ExchangeResult = { 'we in the mixed swarm': 'equal' };
  for (const name of swarm) {
    expected[`${name} in the mixed swarm`] = 'equal';
    for (const kind of ['file', 'folder']) {
      for (const what of [`${name} from us`, `we from ${name}`]) expected[`a ${kind}: ${what}`] = 'equal';
    }
  }
  expect(JSON.parse(stdout)).toEqual(expected);
});
