import { homedir } from 'node:os';
import { join } from 'node:path';

/** `~/x` as everybody types it; a folder that is really called ~ is `./~/x`. */
export const expandHome = (path: string, home: string = homedir()): string =>
  path === '~' || path.startsWith('~/') ? join(home, path.slice(1), path.endsWith('/') ? '/' : '') : path;
