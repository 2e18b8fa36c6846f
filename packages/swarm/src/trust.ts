import type { PeerSession } from './peer-session.ts';
import type { TransferState } from './transfer-state.ts';

/** True where the connection serves us, as far as is known: neither choking, nor silent now, nor silent lately. */
export function isTrusted(state: TransferState, session: PeerSession): boolean {
  if (session.choking || state.nowMs < session.distrustedUntilMs) return false;
  return session.requests.silentMs(state.nowMs) < state.limits.stallMs;
}

/** True where a connection that was silent is still better than none: nobody trusted has anything for us. */
export function isLastResort(state: TransferState): boolean {
  for (const session of state.sessions.values()) if (session.wanted && isTrusted(state, session)) return false;
  return true;
}
