import { PIECE_BYTES } from '@peerage/bittorrent';
import { isGivingLast, isSpreading } from './spreading.ts';
import type { TransferState } from './transfer-state.ts';

// How much may be granted or on its way at once. Little makes pieces go from hand to hand quickly; but receivers whose downlinks are full
// hold their senders back, and who has granted little then has nothing else to send.

/** What is granted or on its way lasts this long beyond the round trip. */
const COVER_MS = 300;
/** A seeder's is all that everybody waits for: none of it is lost to receivers that others send to, too. */
const SEEDER_COVER_MS = 450;
/** The same where downlinks are full all the time: ours tells what others' are like. */
const DEEP_COVER_MS = 900;
/** Slow uplinks grant less: who waits longer than this for its first block looks for another. */
const PATIENCE_MS = 3_000;
const FEWEST_GRANTS = 4;
/** A peer that takes so many times longer than all that is granted should take holds no grant back from others. */
const SLOW_FACTOR = 3;
const SLOW_LEAST_MS = 300;
/** A seeder's uplink is what everybody waits for: who is only late is not waited for either, but for so many times as much in all. */
const SEEDER_LATE_FACTOR = 1.1;
const SEEDER_MOST_FACTOR = 3;
/** Of its last pieces nothing is given twice until it is quite late. */
const LAST_SLOW_FACTOR = 10;

export interface GrantDepth {
  /** Bytes granted or on their way to peers that are neither late nor slow, at the most. */
  readonly bytes: number;
  /** The same with those who are late. */
  readonly mostBytes: number;
  /** Who has not taken what it was granted after so long is late, or slow. */
  readonly lateMs: number;
  readonly slowMs: number;
}

export function grantDepth(state: TransferState): GrantDepth {
  const rate = state.uplink.bytesPerSecond;
  const patienceBytes = rate === 0 ? Number.POSITIVE_INFINITY : (rate * PATIENCE_MS) / 1000;
  const fewestBytes = Math.max(PIECE_BYTES, Math.min(FEWEST_GRANTS * PIECE_BYTES, patienceBytes));
  const isLast = isGivingLast(state);
  const coverBytes = (rate * (coverMs(state) + state.servedRoundTripMs)) / 1000;
  const bytes = isLast ? PIECE_BYTES : Math.max(fewestBytes, coverBytes);
  const lastsMs = Math.max(SLOW_LEAST_MS, rate === 0 ? 0 : (bytes * 1000) / rate);
  const slowMs = (isLast ? LAST_SLOW_FACTOR : SLOW_FACTOR) * lastsMs;
  if (!state.rules.depth || !isSpreading(state) || isLast) return { bytes, mostBytes: bytes, lateMs: slowMs, slowMs };
  return { bytes, mostBytes: SEEDER_MOST_FACTOR * bytes, lateMs: SEEDER_LATE_FACTOR * lastsMs, slowMs };
}

function coverMs(state: TransferState): number {
  if (!state.rules.depth) return COVER_MS;
  if (isSpreading(state)) return SEEDER_COVER_MS;
  const fullPart = Math.max(0, 2 * state.downlink.fullPart(state.nowMs) - 1);
  return COVER_MS + (DEEP_COVER_MS - COVER_MS) * fullPart;
}
