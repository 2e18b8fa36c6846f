import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TrackerLine } from '@peerage/contract';
import { isLoopback } from '../presence/addresses.ts';
import { platformFolder } from '../store/data-folder.ts';
import { newSecretFile, readSecretFile, type SecretFile, writeSecretFile } from './secret-file.ts';

const LOCK_MS = 10_000;

/** Whether all of these are on this machine. */
export const areLocal = (trackers: readonly TrackerLine[]): boolean =>
  trackers.every(({ host }) => host === 'localhost' || isLoopback(host));

/**
 * The secret of trackers that are all on this machine, in the platform's data folder: not beside the tracker file, which people hand to clients. Found by the
 * cluster that a data folder knows, else by the addresses; made where there is none. One process at a time looks, so that two that start together find the same.
 */
export function localSecretPath(trackers: readonly TrackerLine[], cluster: string | undefined): string {
  const folder = join(platformFolder(), 'cluster');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(folder, 'lock.db'), { timeout: LOCK_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    const addresses = trackers.map(({ address }) => address);
    const { path, file } = find(folder, addresses, cluster) ?? make(folder, cluster);
    writeSecretFile(path, { ...file, addresses });
    return path;
  } finally {
    lock.close();
  }
}

interface Found {
  readonly path: string;
  readonly file: SecretFile;
}

/** Where several share addresses (ports are used again), the one that shares most of them, of those the last that was in use. */
function find(folder: string, addresses: readonly string[], cluster: string | undefined): Found | undefined {
  const found: (Found & { shared: number; usedAtMs: number })[] = [];
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const path = join(folder, name);
    const file = readSecretFile(path);
    if (!file) continue;
    if (cluster !== undefined && file.cluster === cluster) return { path, file };
    const shared = file.addresses.filter((address) => addresses.includes(address)).length;
    if (shared > 0) found.push({ path, file, shared, usedAtMs: statSync(path).mtimeMs });
  }
  found.sort((a, b) => b.shared - a.shared || b.usedAtMs - a.usedAtMs);
  return cluster === undefined ? found[0] : undefined;
}

function make(folder: string, cluster: string | undefined): Found {
  const file = newSecretFile(cluster);
  return { path: join(folder, `${file.cluster}.json`), file };
}
