import { disconnect } from './connections.ts';
import { learnPiece, reviewInterest } from './interest.ts';
import type { PeerSession } from './peer-session.ts';
import { reviewStalled } from './stalling.ts';
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
    reviewStalled(state, session);
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

/** Says when the next tick is wanted, where that is sooner than said before. */
export function wish(state: TransferState): void {
  if (state.sessions.size === 0) return;
  const busyMs = state.isEndgame ? ENDGAME_TICK_MS : BUSY_TICK_MS;
  const atMs = state.nowMs + (state.open.size > 0 ? busyMs : QUIET_TICK_MS);
  if (state.wakeAtMs !== undefined && state.wakeAtMs <= atMs) return;
  state.wakeAtMs = atMs;
  state.emit({ type: 'wake_at', atMs });
}
