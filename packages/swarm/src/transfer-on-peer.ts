import { Bitfield, type Block, type PeerMessage, type PieceIndex } from '@peerage/bittorrent';
import { type BlockId, blocksOf, idOfBlock, isWholeId, wholeId } from './block-id.ts';
import { disconnect, dropRequests, endClaim } from './connections.ts';
import { isOneTooMany } from './enough.ts';
import { learnField, learnMore, learnPiece, losePiece, reviewInterest } from './interest.ts';
import { PeerSession } from './peer-session.ts';
import type { PieceAssembly } from './piece-assembly.ts';
import { cancel, cancelPiece, reviewOwner } from './piece-sources.ts';
import { decline, fillRequests, reconsider } from './requesting.ts';
import { onCancel, onDelivered, onRequest } from './serving.ts';
import type { MemberKey, PeerKey } from './transfer-events.ts';
import type { TransferState } from './transfer-state.ts';
import { handOver } from './verifying.ts';

export function onPeerJoined(state: TransferState, peer: PeerKey, member: MemberKey, fast: boolean): void {
  if (state.sessions.has(peer)) return;
  const { geometry, have, nowMs } = state;
  const session = new PeerSession({ peer, member, fast, geometry, nowMs, tally: state.tally });
  state.sessions.set(peer, session);
  if (state.suspicion.banned.has(member)) {
    disconnect(state, session, 'banned', 'sent wrong data before');
    return;
  }
  if (state.paused) {
    disconnect(state, session, 'paused', 'this share is paused');
    return;
  }
  if (fast && have.isFull) state.send(session, { type: 'have_all' });
  else if (fast && have.count === 0) state.send(session, { type: 'have_none' });
  else if (have.count > 0) state.send(session, { type: 'bitfield', bits: Uint8Array.from(have.bytes) });
}

export function onMessage(state: TransferState, session: PeerSession, message: PeerMessage): void {
  session.heardMs = state.nowMs;
  if (!session.fieldSeen && !isField(message) && message.type !== 'extended' && message.type !== 'keep_alive') {
    if (session.fast) {
      disconnect(state, session, 'protocol', 'did not say first which pieces it has');
      return;
    }
    learnField(state, session, Bitfield.empty(state.geometry));
  }
  switch (message.type) {
    case 'keep_alive':
    case 'extended': // answered where the connection is kept
    case 'allowed_fast': // an offer, not used
      break;
    case 'choke':
      onChoke(state, session);
      break;
    case 'unchoke':
      onUnchoke(state, session);
      break;
    case 'interested':
    case 'not_interested':
      session.upload.interested = message.type === 'interested';
      state.rechoke = true;
      break;
    case 'bitfield':
    case 'have_all':
    case 'have_none':
      onField(state, session, message);
      break;
    case 'suggest_piece':
      onSuggest(session, message.piece);
      break;
    case 'have':
      onDelivered(state, session, message.piece);
      if (learnPiece(state, session, message.piece)) newsOfPieces(state, session);
      break;
    case 'request':
      onRequest(state, session, message.block);
      break;
    case 'cancel':
      onCancel(state, session, message.block);
      break;
    case 'reject_request':
      onReject(state, session, message.block);
      break;
  }
}

/** aria2 tells several new pieces at once by another bitfield, or `have_all`; each costs us a look at every piece. */
const LATER_FIELDS = 64;

type FieldMessage = Extract<PeerMessage, { type: 'bitfield' | 'have_all' | 'have_none' }>;

function isField(message: PeerMessage): message is FieldMessage {
  return message.type === 'bitfield' || message.type === 'have_all' || message.type === 'have_none';
}

function onField(state: TransferState, session: PeerSession, message: FieldMessage): void {
  const isLater = session.fieldSeen;
  if (isLater && (message.type === 'have_none' || ++session.laterFields > LATER_FIELDS)) {
    disconnect(state, session, 'protocol', 'said a second time which pieces it has');
    return;
  }
  if (message.type !== 'bitfield' && !session.fast) {
    disconnect(state, session, 'protocol', `sent ${message.type} without the fast extension`);
    return;
  }
  const bits = message.type === 'bitfield' ? Bitfield.parse(state.geometry, message.bits) : undefined;
  if (message.type === 'bitfield' && bits === undefined) {
    disconnect(state, session, 'protocol', 'sent a bitfield that does not fit the share');
    return;
  }
  if (isLater) learnMore(state, session, bits);
  else learnField(state, session, message.type === 'have_none' ? Bitfield.empty(state.geometry) : bits);
  newsOfPieces(state, session);
}

function newsOfPieces(state: TransferState, session: PeerSession): void {
  if (state.isComplete && session.has.isFull) {
    disconnect(state, session, 'both_seeders', 'both sides have every piece');
    return;
  }
  reconsider(state, session);
  reviewInterest(state, session);
  fillRequests(state, session);
}

/** How many pieces that a peer would like us to take are kept in mind. */
const SUGGESTED_MOST = 4;

function onSuggest(session: PeerSession, piece: PieceIndex): void {
  session.suggested.push(piece);
  if (session.suggested.length > SUGGESTED_MOST) session.suggested.shift();
}

/** So much later a choke would have come, where no more than what was asked for is granted. */
const FRESH_ARRIVED_BYTES = 128 * 1024;

function onUnchoke(state: TransferState, session: PeerSession): void {
  session.choking = false;
  session.fresh = true;
  session.unchokedMs = state.nowMs;
  session.freshBlocks = 0;
  session.freshArrivedBytes = 0;
  if (!isOneTooMany(state, session)) fillRequests(state, session);
  if (session.freshBlocks === 0) decline(state, session);
}

function onChoke(state: TransferState, session: PeerSession): void {
  session.choking = true;
  // What it would have us take is for what it granted: it may now be meant for another.
  session.suggested = [];
  // With the fast extension each request is still answered, by a block or a reject; without, a choke voids them all (BEP 3).
  if (!session.fast) dropRequests(state, session);
  for (const assembly of session.owned) reviewOwner(state, assembly);
}

function onReject(state: TransferState, session: PeerSession, block: Block): void {
  const id = idOfBlock(state.geometry, block);
  if (session.fast && id !== undefined && session.requests.settleForgiven(id)) return;
  const askedMs = id === undefined ? undefined : session.requests.askedMs(id);
  if (!session.fast || id === undefined || askedMs === undefined) {
    disconnect(state, session, 'protocol', 'refused what it was not asked for');
    return;
  }
  session.requests.remove(id);
  const assembly = state.open.get(block.piece)!;
  assembly.unasked(id);
  // What was asked for before it unchoked us met a choke: that says nothing of the piece.
  if (!session.choking && askedMs >= session.unchokedMs) {
    // It serves us, but not this piece: to us it has the piece no more, for a while.
    losePiece(state, session, block.piece);
    session.declined.push({ piece: block.piece, untilMs: state.nowMs + state.limits.declinedMs });
    reviewInterest(state, session);
  }
  reviewOwner(state, assembly);
  fillRequests(state, session);
  state.refill = true;
}

/** Framing asks before it reads a block's payload; yes makes the connection the only writer of the block's place. What is asked for is missing. */
export function claimBlock(state: TransferState, session: PeerSession, block: Block): boolean {
  const id = idOfBlock(state.geometry, block);
  if (id === undefined || !session.requests.has(id)) return false;
  const assembly = state.open.get(block.piece)!;
  if (session.claim !== undefined && session.claim !== id) return false;
  if (!assembly.claim(id, session.peer)) return false;
  session.claim = id;
  return true;
}

export function onBlockArrived(state: TransferState, session: PeerSession, block: Block): void {
  if (!claimBlock(state, session, block)) {
    onBlockUnwanted(state, session, block);
    return;
  }
  const id = session.claim!;
  endClaim(state, session);
  session.heardMs = state.nowMs;
  session.downBytes += block.lengthBytes;
  session.uselessMs = 0;
  state.downlink.arrived(block.lengthBytes, state.nowMs);
  session.distrustedUntilMs = 0;
  const askedMs = session.requests.arrived(id, block.lengthBytes, state.nowMs);
  if (session.fresh && askedMs >= session.unchokedMs) {
    session.freshArrivedBytes += block.lengthBytes;
    if (session.freshArrivedBytes >= FRESH_ARRIVED_BYTES) session.fresh = false;
  }
  const assembly = state.open.get(block.piece)!;
  assembly.unasked(id);
  assembly.arrived(id, session.member);
  if (assembly.isAskedAgain(id)) cancelCopies(state, assembly, id);
  if (assembly.isWhole) handOver(state, assembly);
  else reviewOwner(state, assembly);
  fillRequests(state, session);
  if (session.requests.size > 0) return;
  state.unsure.add(session);
  // Others may have been told that enough was on its way.
  state.refill = true;
}

/** It arrived: nobody else need send it. Who was asked for the whole piece at once is asked for the rest of it, block by block. */
function cancelCopies(state: TransferState, assembly: PieceAssembly, id: BlockId): void {
  if (isWholeId(id)) {
    cancelPiece(state, assembly);
    return;
  }
  const whole = wholeId(assembly.piece);
  for (const other of state.sessions.values()) {
    if (other.requests.has(id)) cancel(state, other, id);
    if (!other.requests.has(whole)) continue;
    cancel(state, other, whole);
    state.refill = true;
  }
}

export function onBlockUnwanted(state: TransferState, session: PeerSession, block: Block): void {
  session.heardMs = state.nowMs;
  state.wastedBytes += block.lengthBytes;
  const id = idOfBlock(state.geometry, block);
  if (id !== undefined && session.requests.has(id)) {
    // Asked for, but another connection was just writing the same block.
    if (session.claim === id) endClaim(state, session);
    session.requests.arrived(id, block.lengthBytes, state.nowMs);
    const assembly = state.open.get(block.piece)!;
    assembly.unasked(id);
    reviewOwner(state, assembly);
    fillRequests(state, session);
    return;
  }
  if (id !== undefined && session.requests.settleForgiven(id)) {
    fillRequests(state, session);
    return;
  }
  session.unwantedBlocks += id === undefined ? 1 : blocksOf(state.geometry, id);
  if (session.unwantedBlocks > state.limits.unwantedBlocks) {
    disconnect(state, session, 'protocol', 'sends blocks that nobody asked for');
  }
}
