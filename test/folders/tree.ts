import { createCipheriv, createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PIECE = 512 * 1024;

/** Bytes that differ from name to name, the same in every run. */
export function bytesFor(name: string, sizeBytes: number): Buffer {
  const key = createHash('sha256').update(name).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

/** Files of all awkward sizes: empty, smaller than a piece, across many, and a last piece of one byte. */
export const oddSizes: Readonly<Record<string, number>> = {
  '.hidden': 3,
  'a first.txt': 10,
  'big.bin': 5 * PIECE + 17,
  'empty.txt': 0,
  'raw/deep/er/x.cr2': 700_000,
  'raw/y.cr2': 1,
  'raw/z.cr2': 2 * PIECE,
  'small/1.jpg': 11,
  'small/2.jpg': 222,
  'small/über 😀.jpg': 3333,
};

export function writeTree(
  root: string,
  sizes: Readonly<Record<string, number>>,
  emptyFolders: readonly string[] = [],
): void {
  for (const [name, sizeBytes] of Object.entries(sizes)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytesFor(name, sizeBytes));
  }
  for (const folder of emptyFolders) mkdirSync(join(root, folder), { recursive: true });
}

/** Every path below a folder with the SHA-1 of what it holds, or null for a folder; not what is hidden there while a download settles. */
export function treeOf(root: string): Record<string, string | null> {
  const tree: Record<string, string | null> = {};
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (name.startsWith('.peerage-')) continue;
    const path = join(root, name);
    tree[name] = statSync(path).isDirectory() ? null : createHash('sha1').update(readFileSync(path)).digest('hex');
  }
  return tree;
}
