import type { PieceIndex } from '@peerage/bittorrent';
import { disconnect } from './connections.ts';
import { learnPiece, reviewInterest } from './interest.ts';
import type { PeerSession } from './peer-session.ts';
import { orphan } from './piece-sources.ts';
import type { TransferState } from './transfer-state.ts';

const BUSY_TICK_MS = 250;
const ENDGAME_TICK_MS = 100;
const QUIET_TICK_MS = 5_000;

export function onTick(state: TransferState): void {
  state.wakeAtMs = undefined;
  for (const session of state.sessions.values()) {
    const { idleMs, keepAliveMs } = state.limits;
    if (state.nowMs - session.heardMs >= idleMs) {
      disconnect(state, session, 'idle', `said nothing for ${Math.round(idleMs / 1000)} seconds`);
      continue;
    }
    if (state.nowMs - session.spokeMs >= keepAliveMs) state.send(session, { type: 'keep_alive' });
    session.requests.fade(state.nowMs);
    askDeclinedAgain(state, session);
    passOnStalled(state, session);
  }
  state.rechoke = true;
  state.refill = true;
}

/** A piece that was refused some time ago may be asked for again. */
function askDeclinedAgain(state: TransferState, session: PeerSession): void {
  while (session.declined.length > 0 && session.declined[0]!.untilMs <= state.nowMs) {
    learnPiece(state, session, session.declined.shift()!.piece);
    reviewInterest(state, session);
  }
}

/** A connection that sends nothing of what it was asked for gives its pieces to any other that can go on with them. */
function passOnStalled(state: TransferState, session: PeerSession): void {
  if (session.requests.silentMs(state.nowMs) < state.limits.stallMs) return;
  const isClaimNeeded =
    session.claim !== undefined && session.owned.some((owned) => hasOther(state, session, owned.piece));
  if (isClaimNeeded) {
    disconnect(state, session, 'idle', 'stopped in the middle of a block');
    return;
  }
  for (const assembly of session.owned) if (hasOther(state, session, assembly.piece)) orphan(state, session, assembly);
}

function hasOther(state: TransferState, not: PeerSession, piece: PieceIndex): boolean {
  for (const session of state.sessions.values()) {
    if (session === not || session.choking || !session.has.has(piece)) continue;
    if (session.requests.silentMs(state.nowMs) < state.limits.stallMs) return true;
  }
  return false;
}

/** Says when the next tick is wanted, where that is sooner than said before. */
export function wish(state: TransferState): void {
  if (state.sessions.size === 0) return;
  const busyMs = state.isEndgame ? ENDGAME_TICK_MS : BUSY_TICK_MS;
  const atMs = state.nowMs + (state.open.size > 0 ? busyMs : QUIET_TICK_MS);
  if (state.wakeAtMs !== undefined && state.wakeAtMs <= atMs) return;
  state.wakeAtMs = atMs;
  state.emit({ type: 'wake_at', atMs });
}
