import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { PeerageError } from '@peerage/contract';

/** Whether `path` is `folder` or below it; both real paths. */
const below = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
};

/**
 * The part of this machine that the page may see: what is below one of `roots` and not in the client's own home, where its keys are.
 * Links are followed before they are judged.
 */
export class AllowedFolders {
  readonly #roots: readonly string[];
  readonly #home: string;
  /** Inside the home, and yet the page's: what was dropped on it. */
  readonly dropped: string;

  constructor(roots: readonly string[], home: string, dropped: string) {
    this.#roots = roots;
    this.#home = home;
    this.dropped = dropped;
  }

  /** The roots that exist, as real paths. */
  async roots(): Promise<string[]> {
    const found = await Promise.all(this.#roots.map((root) => realpath(root).catch(() => null)));
    return [...new Set(found.filter((root) => root !== null))];
  }

  /** The real path of what exists at `path` (for a new file: of its folder). Throws `path_not_allowed` outside the roots, `path_not_found` where nothing is. */
  async admit(path: string, { isNew = false } = {}): Promise<string> {
    const real = await realpath(path)
      .catch(() => (isNew ? realpath(dirname(path)) : Promise.reject()))
      .catch(() => null);
    const roots = await this.roots();
    const home = await realpath(this.#home).catch(() => this.#home);
    const own =
      real !== null && below(real, home) && !below(real, await realpath(this.dropped).catch(() => this.dropped));
    if (real !== null && !own && (roots.some((root) => below(real, root)) || below(real, home))) return real;
    // Whether something exists outside is nobody's business.
    const typedInside = this.#roots.concat(roots).some((root) => below(path, root)) && !own;
    if (real === null && typedInside) throw new PeerageError('path_not_found', `there is nothing at '${path}'`);
    throw new PeerageError(
      'path_not_allowed',
      `the page reaches only files below ${this.#roots.map((root) => `'${root}'`).join(', ')}: start the client with --roots to allow other folders, or use the shell`,
    );
  }

  /** Whether the client's own home is at this real path: it is not shown. */
  async isHome(path: string): Promise<boolean> {
    return path === (await realpath(this.#home).catch(() => this.#home));
  }
}
