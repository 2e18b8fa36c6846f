import type { PieceIndex } from '@peerage/bittorrent';
import { pieceOfBlock } from './block-id.ts';
import { disconnect } from './connections.ts';
import type { PeerSession } from './peer-session.ts';
import { cancel, orphan } from './piece-sources.ts';
import type { TransferState } from './transfer-state.ts';
import { isTrusted } from './trust.ts';

const DISTRUST_MOST_MS = 60_000;

/** A connection that sends nothing of what it was asked for gives way to any other that can go on. */
export function reviewStalled(state: TransferState, session: PeerSession): void {
  if (session.requests.silentMs(state.nowMs) < state.limits.stallMs) return;
  if (session.claim !== undefined && hasOther(state, session, pieceOfBlock(session.claim))) {
    disconnect(state, session, 'idle', 'stopped in the middle of a block');
    return;
  }
  let isReplaced = false;
  for (const id of [...session.requests.ids()]) {
    const assembly = state.open.get(pieceOfBlock(id))!;
    if (id === session.claim || !hasOther(state, session, assembly.piece)) continue;
    isReplaced = true;
    if (assembly.owner === session.peer) orphan(state, session, assembly);
    cancel(state, session, id);
  }
  if (!isReplaced) return;
  const distrustMs = Math.min(DISTRUST_MOST_MS, state.limits.stallMs * 2 ** session.stalls++);
  session.distrustedUntilMs = state.nowMs + distrustMs;
}

function hasOther(state: TransferState, not: PeerSession, piece: PieceIndex): boolean {
  for (const session of state.sessions.values()) {
    if (session !== not && session.has.has(piece) && isTrusted(state, session)) return true;
  }
  return false;
}
