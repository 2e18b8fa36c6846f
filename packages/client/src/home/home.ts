import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { PeerageError, placesIn } from '@peerage/contract';
import { type FolderLock, lockFolder } from './folder-lock.ts';

/** The folder of one client: its keys, what it shares and fetches, its logs. Held by this process until `lock` is released. */
export interface Home {
  readonly path: string;
  readonly lock: FolderLock;
}

/** What decides where things are, of this process. */
export const surroundings = () => ({
  platform: process.platform,
  env: process.env,
  homeFolder: homedir(),
  temporaryFolder: tmpdir(),
  userId: userInfo().uid,
});

const inUse = (path: string) =>
  new PeerageError(
    'home_in_use',
    `another client is running on the folder '${path}': stop it, or give this one a folder of its own with --home`,
  );

/** The folder asked for (`--home`, `PEERAGE_HOME`), else the one of the address, else the first default folder that no client holds. */
export function openHome(
  wanted: string | null,
  listen: { host: string; port: number } | null,
  env: NodeJS.ProcessEnv = process.env,
): Home {
  const named = wanted ?? env['PEERAGE_HOME'];
  const { clients } = placesIn({ ...surroundings(), env });
  if (named || listen) {
    const path = named ? resolve(named) : join(clients, `${listen!.host.replaceAll(':', '-')}_${listen!.port}`);
    const lock = lockFolder(path);
    if (!lock) throw inUse(path);
    return { path, lock };
  }
  for (let number = 1; number <= 100; number++) {
    const path = join(clients, number === 1 ? 'default' : `default-${number}`);
    const lock = lockFolder(path);
    if (lock) return { path, lock };
  }
  throw inUse(join(clients, 'default'));
}
