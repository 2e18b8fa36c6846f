import type { BigIntStats } from 'node:fs';

/**
 * What tells whether a file is still the one that was hashed. Plain data that can be kept as JSON. The device number is left
 * out: it changes between two starts of the same machine.
 */
export interface FileIdentity {
  readonly inode: string;
  readonly sizeBytes: number;
  /** Nanoseconds since 1970, decimal: more digits than a number holds. */
  readonly modifiedNs: string;
}

export const identityOf = (stats: BigIntStats): FileIdentity => ({
  inode: String(stats.ino),
  sizeBytes: Number(stats.size),
  modifiedNs: String(stats.mtimeNs),
});

export const sameIdentity = (one: FileIdentity, other: FileIdentity): boolean =>
  one.inode === other.inode && one.sizeBytes === other.sizeBytes && one.modifiedNs === other.modifiedNs;
