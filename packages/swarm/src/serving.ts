import type { Block, PieceIndex } from '@peerage/bittorrent';
import { reviewUploads } from './choker.ts';
import { disconnect } from './connections.ts';
import type { PeerSession } from './peer-session.ts';
import type { TransferState } from './transfer-state.ts';

function isSame(left: Block, right: Block): boolean {
  return left.piece === right.piece && left.offsetBytes === right.offsetBytes && left.lengthBytes === right.lengthBytes;
}

/** Says no to a request, where the peer can hear it (BEP 6); BEP 3 knows only silence. */
function refuse(state: TransferState, session: PeerSession, block: Block): void {
  if (session.fast) state.send(session, { type: 'reject_request', block });
}

function isKnown(session: PeerSession, block: Block): boolean {
  const isAsked = (asked: Block) => isSame(asked, block);
  return session.waiting.some(isAsked) || session.serving.some(isAsked);
}

export function onRequest(state: TransferState, session: PeerSession, block: Block): void {
  if (session.choked || !state.have.has(block.piece)) {
    refuse(state, session, block);
    if (++session.refusedRequests > state.limits.refusedRequests) {
      disconnect(state, session, 'protocol', 'keeps asking for what it cannot get');
    }
  } else if (!session.fast && isKnown(session, block)) {
    // A choke that crossed the request voided it for the peer, not for us: it asks again, and one answer is enough.
  } else if (session.waiting.length < state.limits.waitingRequests) {
    session.waiting.push(block);
    serveWaiting(state, session);
  } else if (session.fast) {
    refuse(state, session, block);
  } else {
    disconnect(state, session, 'protocol', `has more than ${state.limits.waitingRequests} requests waiting`);
  }
}

export function onCancel(state: TransferState, session: PeerSession, block: Block): void {
  const index = session.waiting.findIndex((waiting) => isSame(waiting, block));
  if (index !== -1) {
    session.waiting.splice(index, 1);
    refuse(state, session, block);
  } else if (session.serving.some((serving) => isSame(serving, block))) {
    state.emit({ type: 'cancel_serve', peer: session.peer, block });
  }
}

/** A block that was asked of the runtime left for the socket, or was dropped because a cancel came in time. */
export function onBlockSent(state: TransferState, session: PeerSession, block: Block, dropped: boolean): void {
  const index = session.serving.findIndex((serving) => isSame(serving, block));
  if (index === -1) return;
  session.serving.splice(index, 1);
  session.servingBytes -= block.lengthBytes;
  if (dropped) {
    refuse(state, session, block);
  } else {
    session.upBytes += block.lengthBytes;
    session.spokeMs = state.nowMs;
    session.refusedRequests = 0;
  }
  serveWaiting(state, session);
}

/** A piece cannot be served any more: whatever was asked for of it is refused. */
export function stopServing(state: TransferState, piece: PieceIndex): void {
  for (const session of state.sessions.values()) {
    for (const block of [...session.serving, ...session.waiting]) {
      if (block.piece === piece) refuse(state, session, block);
    }
    session.waiting = session.waiting.filter((block) => block.piece !== piece);
    session.serving = session.serving.filter((block) => block.piece !== piece);
    session.servingBytes = session.serving.reduce((sum, block) => sum + block.lengthBytes, 0);
    serveWaiting(state, session);
  }
}

function serveWaiting(state: TransferState, session: PeerSession): void {
  while (session.waiting.length > 0) {
    const next = session.waiting[0]!;
    if (session.servingBytes > 0 && session.servingBytes + next.lengthBytes > state.limits.servedBytes) return;
    session.waiting.shift();
    session.serving.push(next);
    session.servingBytes += next.lengthBytes;
    state.emit({ type: 'serve_block', peer: session.peer, block: next });
  }
}

/** Chokes and unchokes as the choker says. */
export function reviewChoking(state: TransferState): void {
  state.rechoke = false;
  const uploads = [];
  for (const session of state.sessions.values()) {
    if (!session.interested && session.choked) continue;
    const { peer, interested, choked, chokedSinceMs } = session;
    uploads.push({ peer, interested, unchoked: !choked, sinceMs: chokedSinceMs });
  }
  const { uploadSlots, uploadTurnMs } = state.limits;
  const changes = reviewUploads(uploads, { slots: uploadSlots, turnMs: uploadTurnMs, nowMs: state.nowMs });
  for (const peer of changes.choke) choke(state, state.sessions.get(peer)!);
  for (const peer of changes.unchoke) unchoke(state, state.sessions.get(peer)!);
}

function choke(state: TransferState, session: PeerSession): void {
  session.choked = true;
  session.chokedSinceMs = state.nowMs;
  // To a peer without the fast extension a choke voids every request: what comes after it would be unwanted.
  if (!session.fast) {
    for (const block of session.serving) state.emit({ type: 'cancel_serve', peer: session.peer, block });
  }
  state.send(session, { type: 'choke' });
  for (const block of session.waiting) refuse(state, session, block);
  session.waiting = [];
}

function unchoke(state: TransferState, session: PeerSession): void {
  session.choked = false;
  session.chokedSinceMs = state.nowMs;
  session.refusedRequests = 0;
  state.send(session, { type: 'unchoke' });
}
