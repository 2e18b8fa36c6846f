import type { PeerSession } from './peer-session.ts';
import type { TransferState } from './transfer-state.ts';

/** Who sends to us sends to others, too: so many times what the downlink takes may be promised. */
const PROMISED_FACTOR = 3;
/** With less than this part of what the downlink took before, whoever was asked is slower than it was. */
const COMING_PART = 0.6;

/**
 * Those who are asked for something could fill the downlink several times over: one more would only hold the others back, and whoever
 * is declined serves somebody whose downlink is idle. A connection that is not measured yet counts like the mean of the others.
 */
export function hasEnough(state: TransferState): boolean {
  if (!state.rules.window || !state.downlink.isAt(COMING_PART, state.nowMs)) return false;
  let bytesPerSecond = 0;
  let measured = 0;
  let unmeasured = 0;
  for (const { requests } of state.sessions.values()) {
    if (requests.size === 0) continue;
    if (requests.mostBytesPerSecond === 0) unmeasured++;
    else measured++;
    bytesPerSecond += requests.mostBytesPerSecond;
  }
  if (measured > 0) bytesPerSecond += (unmeasured * bytesPerSecond) / measured;
  return bytesPerSecond >= PROMISED_FACTOR * state.downlink.mostBytesPerSecond;
}

/** It offers something and is asked for nothing yet. */
export function isOneTooMany(state: TransferState, session: PeerSession): boolean {
  return session.requests.size === 0 && hasEnough(state);
}
