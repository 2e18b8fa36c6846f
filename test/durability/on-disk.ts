import { statSync } from 'node:fs';
import { until } from './until.ts';

/** How much of a partial file was written: its blocks on the disk, since its size is the whole file's from the beginning. */
export function storedBytes(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
}

/** Watches a partial file until `isOver`; resolves to the longest time in which nothing was written to it. */
export async function longestStandstillMs(signal: AbortSignal, path: string, isOver: () => boolean): Promise<number> {
  let longestMs = 0;
  let stored = storedBytes(path);
  let sinceMs = performance.now();
  await until(signal, () => {
    const now = storedBytes(path);
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - sinceMs);
    if (now !== stored) sinceMs = nowMs;
    stored = now;
    return isOver();
  });
  return longestMs;
}
