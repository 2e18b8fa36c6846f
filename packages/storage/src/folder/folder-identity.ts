import type { BigIntStats } from 'node:fs';
import { type FileIdentity, identityOf } from '../file-identity.ts';

/**
 * What tells whether the files of a folder are still those that were hashed, and where they lie: one text, equal as long as nothing changes. First
 * line the format; then a line a file: inode, size, modification time, and its path on the disk (as JSON) where that is not the shared one.
 */
const FORMAT = 'folder 1';

export const identityLine = (stats: BigIntStats | FileIdentity, path: { shared: string; onDisk: string }): string => {
  const { inode, sizeBytes, modifiedNs } = 'inode' in stats ? stats : identityOf(stats);
  const elsewhere = path.shared === path.onDisk ? '' : ` ${JSON.stringify(path.onDisk)}`;
  return `${inode} ${sizeBytes} ${modifiedNs}${elsewhere}`;
};

export const identityText = (lines: readonly string[]): string => [FORMAT, ...lines].join('\n');

/** Undefined where it is none, or one of another number of files. */
export function identityLines(text: string, files: number): string[] | undefined {
  const [format, ...lines] = text.split('\n');
  return format === FORMAT && lines.length === files ? lines : undefined;
}

export function diskPathOf(line: string | undefined, sharedPath: string): string {
  const from = line?.indexOf('"') ?? -1;
  return from === -1 ? sharedPath : (JSON.parse(line!.slice(from)) as string);
}
