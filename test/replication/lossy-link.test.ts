import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Packets that are lost between trackers: the network is one of its own, whose rules drop every fifth. Where nobody may make one, or there is no nft to rule it, nothing is shown. */

const worldEntry = fileURLToPath(new URL('./lossy-link-world.ts', import.meta.url));
const LOSS_PERCENT = 20;
const WRITES = 300;
const canLosePackets =
  spawnSync('unshare', [
    '-n',
    'nft',
    'add table inet t; add chain inet t c; add rule inet t c numgen random mod 9 1 drop',
  ]).status === 0;

interface Seen {
  readonly dropped: number;
  readonly p99Ms: number;
  readonly healMs: number;
  readonly files: number;
  readonly equal: boolean;
}

it('writes are acknowledged in less than 500 ms (p99) over a link that loses a fifth of its packets, and both end up alike', (context) => {
  if (!canLosePackets) context.skip('it takes root, a network namespace and nft');
  const script = 'ip link set lo up && exec "$@"';
  const world = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    worldEntry,
    String(LOSS_PERCENT),
    String(WRITES),
  ];
  const said = execFileSync('unshare', ['-n', 'sh', '-c', script, 'sh', ...world], { encoding: 'utf8' });
  const seen = JSON.parse(said) as Seen;
  expect(seen.dropped).toBeGreaterThan(20);
  expect(seen.p99Ms).toBeLessThan(500);
  expect(seen.healMs).toBeLessThan(20_000);
  expect(seen).toMatchObject({ files: WRITES, equal: true });
}, 120_000);
