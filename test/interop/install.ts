import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { whyNotHere } from '../../scripts/drive/stock/stock-client.ts';

const names = ['libtorrent', 'aria2', 'transmission'] as const;
const packages = ['python3-libtorrent', 'aria2', 'transmission-daemon', 'transmission-cli', 'iproute2'];
const INSTALL_LIMIT_MS = 240_000;

/** Installs the stock clients where that is allowed (root on Debian or its like). Answers why those that are not there are not. */
export function installStockClients(): Record<(typeof names)[number], string | undefined> {
  const look = () => ({
    libtorrent: whyNotHere('libtorrent'),
    aria2: whyNotHere('aria2'),
    transmission: whyNotHere('transmission'),
  });
  const found = look();
  if (names.every((name) => found[name] === undefined)) return found;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return found;
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      stdio: 'ignore',
      timeout: INSTALL_LIMIT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...packages);
  return look();
}
