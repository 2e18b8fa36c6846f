import { statSync } from 'node:fs';

/** How much of a partial file was written: its blocks on the disk, since its size is the whole file's from the beginning. */
export function storedBytes(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
}
