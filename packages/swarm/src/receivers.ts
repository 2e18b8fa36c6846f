import { PIECE_BYTES } from '@peerage/bittorrent';
import type { PeerSession } from './peer-session.ts';
import { bestReceiver, isSpreading } from './spreading.ts';
import type { TransferState } from './transfer-state.ts';

// Who is granted the next piece.

/** Granted and not asked for, of one connection. */
const UNASKED_MOST_BYTES = 2 * PIECE_BYTES;
/** Who could have brought us something for so long, and brought nothing, and got more of us than it gave, comes after all others. */
const GIVES_NOTHING_MS = 4_000;

export function isCandidate(state: TransferState, { upload }: PeerSession): boolean {
  if (!upload.interested || upload.notBeforeMs > state.nowMs) return false;
  return upload.grantedBytes + PIECE_BYTES <= UNASKED_MOST_BYTES;
}

/** Served only with what is idle otherwise: it withholds what it was sent, or gives nothing for it. */
export function comesLast(state: TransferState, session: PeerSession): boolean {
  if (state.withholding.withholds(session.member, state.nowMs)) return true;
  if (!state.rules.credit || session.uselessMs < GIVES_NOTHING_MS) return false;
  return session.upload.upBytes > session.downBytes;
}

/** `isIdle` says that nothing is granted or on its way. */
export function nextReceiver(state: TransferState, isIdle: boolean): PeerSession | undefined {
  let candidates: PeerSession[] = [];
  for (const session of state.sessions.values()) if (isCandidate(state, session)) candidates.push(session);
  if (candidates.length === 0) return undefined;
  const first = candidates.filter((session) => !comesLast(state, session));
  if (first.length > 0) candidates = first;
  else if (!isIdle) return undefined;
  const idle = candidates.filter(({ upload }) => upload.grantedBytes <= 0 && upload.waiting.length === 0);
  if (idle.length > 0) candidates = idle;
  if (candidates.length < 2) return candidates[0];
  if (isSpreading(state)) return bestReceiver(state, candidates);
  return state.rules.turns ? longestWithout(state, candidates) : state.random.pick(candidates);
}

/**
 * Whose latest grant is longest ago, random among equals. Not who lacks most: all senders would choose the same few, whose downlinks are full
 * then, while others wait.
 */
function longestWithout(state: TransferState, candidates: readonly PeerSession[]): PeerSession | undefined {
  let best: PeerSession | undefined;
  let equals = 0;
  for (const session of candidates) {
    const isEqual = best !== undefined && session.upload.grantedAtMs === best.upload.grantedAtMs;
    equals = isEqual ? equals + 1 : 1;
    if (best !== undefined && session.upload.grantedAtMs > best.upload.grantedAtMs) continue;
    if (isEqual && state.random.below(equals) > 0) continue;
    best = session;
  }
  return best;
}
