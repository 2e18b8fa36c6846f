import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTrackerList } from '@peerage/contract';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { findCluster } from './own-cluster.ts';
import { keygen } from './secret-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerage-cluster-'));
let tests = 0;
let place = '';
beforeEach(() => {
  place = join(folder, String(tests++));
  mkdirSync(place);
  vi.stubEnv('XDG_DATA_HOME', join(place, 'platform'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const local = ['127.0.0.1:7701', '127.0.0.1:7702', '127.0.0.1:7703'];
const remote = ['192.0.2.1:7700', '192.0.2.2:7700'];

/** Tracker `number` of these, with a data folder of its own. */
function start(number: number, addresses: readonly string[], options: { data?: string; secret?: string } = {}) {
  const dataDir = join(place, options.data ?? `data-${number}`);
  mkdirSync(dataDir, { recursive: true });
  const trackers = parseTrackerList(addresses.join('\n'), 'file');
  const found = findCluster({ number, trackers, dataDir, secretPath: options.secret });
  const { cluster: id } = JSON.parse(readFileSync(join(dataDir, 'cluster.json'), 'utf8'));
  return { ...found, id, secrets: found.cluster?.secrets.map((secret) => Buffer.from(secret.key).toString('hex')) };
}

describe('trackers on one machine', () => {
  it('find one secret by themselves, in the platform folder, readable for nobody else', () => {
    const [first, second] = [start(1, local.slice(0, 2)), start(2, local.slice(0, 2))];
    expect(first.secrets).toHaveLength(1);
    expect(second.secrets).toEqual(first.secrets);
    expect(second.id).toBe(first.id);
    expect(first.notices).toEqual([]);
    const path = join(place, 'platform', 'peerage', 'cluster', `${first.id}.json`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toContain(first.secrets![0]!);
    expect(JSON.stringify(start(1, local.slice(0, 2)))).toBe(JSON.stringify(first));
  });

  it('know each other still when one has moved and a third one joins, and say what changed', () => {
    const before = start(1, local.slice(0, 2));
    start(2, local.slice(0, 2));
    const moved = ['127.0.0.1:9999', local[1]!, local[2]!];
    const first = start(1, moved);
    expect([first.id, first.secrets]).toEqual([before.id, before.secrets]);
    expect(first.notices).toEqual([
      'tracker 1 was at 127.0.0.1:7701, the tracker file says 127.0.0.1:9999: clients need that file',
    ]);
    expect(start(3, moved).secrets).toEqual(before.secrets);
    expect(start(1, moved).notices).toEqual([]);
  });

  it('of two clusters that had the same ports follow the one they share most with, the last in use', () => {
    const old = start(1, [local[0]!, local[2]!], { data: 'old' });
    const file = join(place, 'platform', 'peerage', 'cluster', `${old.id}.json`);
    utimesSync(file, 0, 0);
    const other = start(1, ['127.0.0.1:1', '127.0.0.1:2'], { data: 'other' });
    start(1, local.slice(0, 2), { data: 'other' }); // that cluster moved to these addresses
    expect(start(2, local.slice(0, 2)).id).toBe(other.id);
  });

  it('a tracker that was alone joins another one', () => {
    const alone = start(1, local.slice(0, 1));
    expect(alone.cluster).toBeUndefined();
    expect(start(1, local.slice(0, 1)).id).toBe(alone.id);
    const other = start(2, local.slice(0, 2));
    expect(start(1, local.slice(0, 2)).secrets).toEqual(other.secrets);
  });
});

describe('trackers on several machines', () => {
  it('replicate with nobody without a secret, and say so', () => {
    const { secrets, notices } = start(1, remote);
    expect(secrets).toEqual([]);
    expect(notices).toEqual([expect.stringContaining('does not replicate')]);
  });

  it('take the secret they are given, and no data folder of another cluster', () => {
    const [a, b] = [join(place, 'a.json'), join(place, 'b.json')];
    keygen(a, 'new');
    keygen(b, 'new');
    expect(statSync(a).mode & 0o777).toBe(0o600);
    chmodSync(a, 0o644);
    const first = start(1, remote, { secret: a });
    expect(first.secrets).toHaveLength(1);
    expect(first.notices).toEqual([]);
    expect(statSync(a).mode & 0o777).toBe(0o600);
    expect(() => start(1, remote, { secret: b })).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => start(2, remote, { secret: join(place, 'none') })).toThrow(
      expect.objectContaining({ code: 'path_not_found' }),
    );
    writeFileSync(b, '{"format":2}');
    expect(() => start(2, remote, { secret: b })).toThrow(expect.objectContaining({ code: 'newer_format' }));
    writeFileSync(b, 'secret');
    expect(() => start(2, remote, { secret: b })).toThrow(expect.objectContaining({ code: 'path_not_readable' }));
  });
});

it('a secret is exchanged in three steps, without a restart', () => {
  const path = join(place, 'secret.json');
  keygen(path, 'new');
  expect(() => keygen(path, 'new')).toThrow(expect.objectContaining({ code: 'destination_exists' }));
  expect(() => keygen(path, 'drop')).toThrow(expect.objectContaining({ code: 'usage' }));
  let nowMs = 0;
  const now = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  try {
    const { cluster } = start(1, remote, { secret: path });
    const ids = () => {
      nowMs += 2_000;
      utimesSync(path, nowMs, nowMs); // file systems whose times are coarse
      return cluster!.secrets.map(({ id }) => id);
    };
    const [old] = ids();
    keygen(path, 'next');
    const [proving, next] = ids();
    expect(proving).toBe(old);
    keygen(path, 'next');
    expect(ids()).toEqual([next, old]);
    expect(() => keygen(path, 'next')).toThrow(expect.objectContaining({ code: 'usage' }));
    keygen(path, 'drop');
    expect(ids()).toEqual([next]);
    rmSync(path);
    nowMs += 2_000;
    expect(cluster!.secrets.map(({ id }) => id)).toEqual([next]);
  } finally {
    now.mockRestore();
  }
});
