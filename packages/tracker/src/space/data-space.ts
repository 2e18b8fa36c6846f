import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { spaceLimits } from '../limits.ts';

const MEASURE_EVERY_MS = 500;

export interface SpaceFigures {
  readonly usedBytes: number;
  readonly budgetBytes: number;
  readonly blobBytes: number;
}

/**
 * What the data folder may take. Always true: metainfo takes 80 % of the budget at most, and nothing that grows (accounts, groups, applications, shares, metainfo) is accepted
 * while less than the reserve is left; what takes rights away (remove, leave, reject, logout, revoke, passwd) is not asked.
 */
export class DataSpace {
  readonly #folder: string;
  readonly #limitBytes: () => number | null;
  readonly #blobBytes: () => number;
  readonly #monotonicMs: () => number;
  #measured: { readonly atMs: number; readonly databaseBytes: number; readonly freeBytes: number } | undefined;

  /** `limitBytes`: what the operator allows (`--budget`); null: the disk is the limit. */
  constructor(folder: string, limitBytes: () => number | null, blobBytes: () => number, monotonicMs: () => number) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
    this.#blobBytes = blobBytes;
    this.#monotonicMs = monotonicMs;
  }

  figures(): SpaceFigures {
    const { databaseBytes, freeBytes } = this.#measure();
    const blobBytes = this.#blobBytes();
    const usedBytes = databaseBytes + blobBytes;
    const budgetBytes = Math.min(this.#limitBytes() ?? Number.POSITIVE_INFINITY, usedBytes + freeBytes);
    return { usedBytes, budgetBytes, blobBytes };
  }

  /** Throws `no_space` where so much more metainfo does not fit. */
  requireRoomForBlob(bytes: number): void {
    const { budgetBytes, blobBytes } = this.figures();
    if (blobBytes + bytes > budgetBytes * spaceLimits.blobShare) throw full();
    this.requireRoomToGrow(bytes);
  }

  /** Throws `no_space` while less than the reserve would be left. */
  requireRoomToGrow(bytes = 0): void {
    const { usedBytes, budgetBytes } = this.figures();
    const reserveBytes = Math.min(spaceLimits.reserveBytes, budgetBytes * spaceLimits.mostReservedShare);
    if (budgetBytes - usedBytes - bytes < reserveBytes) throw full();
  }

  /** One question to the system serves for a while: it is asked for every command. */
  #measure(): { databaseBytes: number; freeBytes: number } {
    const atMs = this.#monotonicMs();
    if (this.#measured && atMs - this.#measured.atMs < MEASURE_EVERY_MS) return this.#measured;
    const { bavail, bsize } = statfsSync(this.#folder);
    const databaseBytes = ['tracker.db', 'tracker.db-wal'].reduce(
      (sum, name) => sum + (statSync(join(this.#folder, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
    this.#measured = { atMs, databaseBytes, freeBytes: bavail * bsize };
    return this.#measured;
  }
}

const full = () =>
  new PeerageError(
    'no_space',
    'the tracker has no room for more: what is left is kept for removals and logouts, its operator has to make room',
  );
