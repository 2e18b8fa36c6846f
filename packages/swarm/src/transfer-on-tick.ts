import { disconnect } from './connections.ts';
import { reviewSpareGrants } from './granting.ts';
import { learnPiece, reviewInterest } from './interest.ts';
import type { PeerSession } from './peer-session.ts';
import { forgetUnconfirmed, serveLine } from './serving.ts';
import { reviewStalled } from './stalling.ts';
import type { TransferState } from './transfer-state.ts';

const BUSY_TICK_MS = 250;
const ENDGAME_TICK_MS = 100;
/** Ticks that come sooner only hand blocks over. */
const MOST_OFTEN_MS = 90;
const QUIET_TICK_MS = 5_000;

export function onTick(state: TransferState): void {
  state.wakeAtMs = undefined;
  const isPaced = state.line.size > 0;
  serveLine(state);
  if (isPaced && state.nowMs < state.lookAtMs) return;
  const elapsedMs = state.nowMs - state.lookedMs;
  state.lookedMs = state.nowMs;
  state.lookAtMs = state.nowMs + MOST_OFTEN_MS;
  for (const session of state.sessions.values()) {
    const { idleMs, keepAliveMs } = state.limits;
    if (state.nowMs - session.heardMs >= idleMs) {
      disconnect(state, session, 'idle', `said nothing for ${Math.round(idleMs / 1000)} seconds`);
      continue;
    }
    if (state.nowMs - session.spokeMs >= keepAliveMs) state.send(session, { type: 'keep_alive' });
    if (session.wanted) session.uselessMs += elapsedMs;
    session.requests.fade(state.nowMs);
    askDeclinedAgain(state, session);
    reviewStalled(state, session);
    forgetUnconfirmed(state, session);
    if (state.isEndgame && session.satisfied) {
      session.satisfied = false;
      state.unsure.add(session);
    }
  }
  reviewSpareGrants(state);
  const hadLaggard = state.hasLaggard;
  state.hasLaggard = hasLaggard(state);
  if (hadLaggard || state.hasLaggard) for (const session of state.sessions.values()) state.unsure.add(session);
  state.rechoke = true;
  state.refill = true;
}

function hasLaggard(state: TransferState): boolean {
  const silentMs = state.limits.stallMs / 2;
  for (const { requests } of state.sessions.values()) if (requests.silentMs(state.nowMs) >= silentMs) return true;
  return false;
}

/** A piece that was refused some time ago may be asked for again. */
function askDeclinedAgain(state: TransferState, session: PeerSession): void {
  while (session.declined.length > 0 && session.declined[0]!.untilMs <= state.nowMs) {
    learnPiece(state, session, session.declined.shift()!.piece);
    reviewInterest(state, session);
  }
}

/** When something that waits may be handed over; Infinity where nothing does. */
function handOverAtMs(state: TransferState): number {
  if (state.line.size === 0 || !state.rules.shallow) return Number.POSITIVE_INFINITY;
  const atMs = state.uplink.handOverAtMs(state.nowMs);
  return atMs > state.nowMs ? atMs : Number.POSITIVE_INFINITY;
}

/** Says when the next tick is wanted, where that is sooner than said before. */
export function wish(state: TransferState): void {
  if (state.sessions.size === 0) return;
  const busyMs = state.isEndgame ? ENDGAME_TICK_MS : BUSY_TICK_MS;
  const isBusy = state.open.size > 0 || state.line.size > 0 || state.uplink.isWaiting;
  const lookMs = state.nowMs + (isBusy ? busyMs : QUIET_TICK_MS);
  const atMs = Math.min(lookMs, handOverAtMs(state));
  if (state.wakeAtMs !== undefined && state.wakeAtMs <= atMs) return;
  state.wakeAtMs = atMs;
  state.emit({ type: 'wake_at', atMs });
}
