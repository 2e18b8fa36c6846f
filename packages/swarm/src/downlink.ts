import { BLOCK_BYTES } from '@peerage/bittorrent';
import type { PeerSession } from './peer-session.ts';
import type { TransferState } from './transfer-state.ts';

const WEIGHT_MS = 500;
/** The highest rate seen counts for one to two of these. */
const PERIOD_MS = 10_000;
/** So near to the highest rate the downlink is taken to be full. */
const FULL_PART = 0.85;
/** What should be on its way then, beyond what the round trip takes. */
const COVER_MS = 150;
const FEWEST_BLOCKS = 64;
/** A peer that is so many times faster than the others is always welcome. */
const FASTER = 2;

/** How fast blocks come in all, in bytes a second, smoothed over half a second; and the highest that was. */
export class Downlink {
  #bytesPerSecond = 0;
  #atMs = 0;
  #periodSinceMs = 0;
  #best = 0;
  #bestBefore = 0;

  arrived(bytes: number, nowMs: number): void {
    this.#fade(nowMs);
    this.#bytesPerSecond += (bytes * 1000) / WEIGHT_MS;
    this.#best = Math.max(this.#best, this.#bytesPerSecond);
  }

  /** True where more senders would only share what comes already. */
  isFull(nowMs: number): boolean {
    this.#fade(nowMs);
    return this.#bytesPerSecond > 0 && this.#bytesPerSecond >= FULL_PART * Math.max(this.#best, this.#bestBefore);
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  #fade(nowMs: number): void {
    this.#bytesPerSecond *= Math.exp(-(nowMs - this.#atMs) / WEIGHT_MS);
    this.#atMs = nowMs;
    if (nowMs - this.#periodSinceMs <= PERIOD_MS) return;
    this.#bestBefore = this.#best;
    this.#best = this.#bytesPerSecond;
    this.#periodSinceMs = nowMs;
  }
}

/** What is on its way fills the downlink already: pieces come sooner one after another than many at once. */
export function hasEnough(state: TransferState): boolean {
  if (!state.rules.window || state.askedBlocks < FEWEST_BLOCKS || !state.downlink.isFull(state.nowMs)) return false;
  return state.askedBlocks * BLOCK_BYTES * 1000 >= state.downlink.bytesPerSecond * COVER_MS;
}

/** A peer known to be no faster than those that are at it; who is not known yet, or is faster, is asked in any case. */
export function isOneTooMany(state: TransferState, session: PeerSession): boolean {
  if (session.requests.size > 0 || session.requests.rateBytesPerSecond === 0 || !hasEnough(state)) return false;
  let serving = 0;
  for (const other of state.sessions.values()) if (other.requests.size > 0) serving++;
  return session.requests.rateBytesPerSecond * serving < FASTER * state.downlink.bytesPerSecond;
}
