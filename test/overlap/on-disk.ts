import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { treeOf } from '../folders/tree.ts';

/** Whether what lies there is what was shared; `isPart`: of a folder, what is there of it. */
export function isEqual(shared: string, found: string, isPart: boolean): boolean {
  if (!existsSync(found)) return false;
  try {
    return areSame(shared, found, isPart);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // it is just becoming so
    throw error;
  }
}

function areSame(shared: string, found: string, isPart: boolean): boolean {
  if (!statSync(shared).isDirectory()) return readFileSync(shared).equals(readFileSync(found));
  const want = treeOf(shared);
  const have = treeOf(found);
  const isRight = Object.entries(have).every(([name, sha1]) => want[name] === sha1);
  return isRight && (isPart || Object.keys(have).length === Object.keys(want).length);
}

/** What no download may leave behind: partial files, and folders where files wait for their names. */
export const leftovers = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.part'));
