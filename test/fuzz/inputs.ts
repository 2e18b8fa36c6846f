import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folderOf = (kind: 'corpus' | 'crashes', name: string): string => join(import.meta.dirname, kind, name);

export interface SavedInput {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Inputs kept in the repository: the corpus is valid, crashes once broke something. */
export function savedInputs(kind: 'corpus' | 'crashes', name: string): SavedInput[] {
  const folder = folderOf(kind, name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => ({ file, bytes: readFileSync(join(folder, file)) }));
}

/** Returns the path below the fuzzer's folder. */
export function saveCrash(name: string, input: Uint8Array): string {
  const file = createHash('sha1').update(input).digest('hex').slice(0, 12);
  mkdirSync(folderOf('crashes', name), { recursive: true });
  writeFileSync(join(folderOf('crashes', name), file), input);
  return join('test/fuzz/crashes', name, file);
}

/** Writes the corpus of one decoder anew. */
export function writeCorpus(name: string, seeds: readonly Uint8Array[]): void {
  const folder = folderOf('corpus', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [at, seed] of seeds.entries()) writeFileSync(join(folder, String(at).padStart(2, '0')), seed);
}
