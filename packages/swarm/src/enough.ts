import type { PeerSession } from './peer-session.ts';
import type { TransferState } from './transfer-state.ts';

/** What should be on its way then, beyond what the round trip takes. */
const COVER_MS = 150;
const FEWEST_BYTES = 1024 * 1024;
/** A peer that is so many times faster than the others is always welcome. */
const FASTER = 2;

/** What is on its way fills the downlink already: pieces come sooner one after another than many at once. */
export function hasEnough(state: TransferState): boolean {
  const askedBytes = state.askedBlocks * state.geometry.blockBytes;
  if (!state.rules.window || askedBytes < FEWEST_BYTES || !state.downlink.isFull(state.nowMs)) return false;
  return askedBytes * 1000 >= state.downlink.bytesPerSecond * COVER_MS;
}

/** A peer known to be no faster than those that are at it; who is not known yet, or is faster, is asked in any case. */
export function isOneTooMany(state: TransferState, session: PeerSession): boolean {
  if (session.requests.size > 0 || session.requests.rateBytesPerSecond === 0 || !hasEnough(state)) return false;
  let serving = 0;
  for (const other of state.sessions.values()) if (other.requests.size > 0) serving++;
  return session.requests.rateBytesPerSecond * serving < FASTER * state.downlink.bytesPerSecond;
}
