import { readdir, stat, statfs } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { fileFailure } from '@peerage/storage';
import { asPeerageError } from '../store-errors.ts';
import type { Handlers } from './handler.ts';
import type { AllowedFolders } from './page/allowed-folders.ts';
import { browseLimits } from './page-limits.ts';

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
}

/** Folders of this machine for whoever picks one on the page, inside what it is allowed to see. */
export const browseCommands: Handlers<'browse' | 'open'> = {
  async open({ page }) {
    return page.newOpener();
  },

  async browse({ page: { folders } }, { path }) {
    const roots = await folders.roots();
    if (path === undefined) {
      const entries = roots.map((root): Entry => ({ name: root, path: root, kind: 'folder', size: 0 }));
      return { path: null, crumbs: [], entries, more: false, free_bytes: null };
    }
    const real = await folders.admit(path);
    const found = await readdir(real, { withFileTypes: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR')
        throw new PeerageError('path_not_found', `'${path}' is no folder`);
      throw asPeerageError(fileFailure(error, real), 'reading');
    });
    const visible = found.filter((entry) => (entry.isDirectory() || entry.isFile()) && !entry.name.startsWith('.'));
    visible.sort((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()) || a.name.localeCompare(b.name));
    const entries: Entry[] = [];
    for (const entry of visible.slice(0, browseLimits.entries)) {
      const at = join(real, entry.name);
      if (await folders.isHome(at)) continue;
      // A file may be gone since it was listed.
      const size = entry.isFile() ? ((await stat(at).catch(() => null))?.size ?? 0) : 0;
      entries.push({ name: entry.name, path: at, kind: entry.isDirectory() ? 'folder' : 'file', size });
    }
    const disk = await statfs(real);
    return {
      path: real,
      crumbs: crumbsTo(real, roots),
      entries,
      more: visible.length > browseLimits.entries,
      free_bytes: disk.bavail * disk.bsize,
    };
  },
};

/** From the root that holds `path` down to it. */
function crumbsTo(path: string, roots: Awaited<ReturnType<AllowedFolders['roots']>>) {
  const root = roots
    .filter((candidate) => path === candidate || path.startsWith(candidate + sep))
    .sort((a, b) => b.length - a.length)[0];
  if (root === undefined) return [{ name: basename(path), path }];
  const crumbs = [{ name: root, path: root }];
  let at = root;
  for (const part of path.slice(root.length).split(sep).filter(Boolean)) {
    at = join(at, part);
    crumbs.push({ name: part, path: at });
  }
  return crumbs;
}
