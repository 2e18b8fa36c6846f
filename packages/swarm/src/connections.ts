import { pieceOfBlock } from './block-id.ts';
import { forgetField } from './interest.ts';
import type { PeerSession } from './peer-session.ts';
import { orphan, reviewOwner } from './piece-sources.ts';
import type { DisconnectReason, MemberKey } from './transfer-events.ts';
import type { TransferState } from './transfer-state.ts';
import { endServing } from './upload-end.ts';

/** Ends a connection from our side; its later `peer_left` is no news. The runtime takes no more bytes from it. */
export function disconnect(state: TransferState, session: PeerSession, reason: DisconnectReason, detail: string): void {
  if (!state.sessions.has(session.peer)) return;
  state.emit({ type: 'disconnect', peer: session.peer, reason, detail });
  forget(state, session);
}

/** The connection is gone: its requests are nobody's, its pieces wait for another. */
export function forget(state: TransferState, session: PeerSession): void {
  state.sessions.delete(session.peer);
  endClaim(state, session);
  dropRequests(state, session);
  for (const assembly of session.owned) orphan(state, session, assembly);
  forgetField(state, session);
  endServing(state, session);
}

/** None of the connection's requests will be answered. */
export function dropRequests(state: TransferState, session: PeerSession): void {
  for (const id of [...session.requests.ids()]) {
    session.requests.forgive(id);
    state.open.get(pieceOfBlock(id))?.unasked(id);
  }
  state.refill = true;
}

/** The connection writes into no buffer any more. */
export function endClaim(state: TransferState, session: PeerSession): void {
  if (session.claim === undefined) return;
  state.open.get(pieceOfBlock(session.claim))?.endClaim(session.claim);
  session.claim = undefined;
}

/** Bans a member: every connection of it ends, and what it sent of unfinished pieces is fetched again from others. */
export function ban(state: TransferState, member: MemberKey, detail: string): void {
  state.emit({ type: 'ban', member, detail });
  for (const session of [...state.sessions.values()]) {
    if (session.member === member) disconnect(state, session, 'banned', detail);
  }
  for (const assembly of state.open.values()) {
    if (assembly.phase === 'verifying') continue;
    const dropped = assembly.drop((sender) => sender === member);
    state.wastedBytes += dropped * state.geometry.blockBytes;
    if (dropped > 0 && assembly.phase === 'held') {
      assembly.phase = 'filling';
      state.orphans.add(assembly);
    }
    reviewOwner(state, assembly);
  }
  state.refill = true;
}
