import type { Bitfield, PieceIndex } from '@peerage/bittorrent';
import type { PeerSession } from './peer-session.ts';
import type { TransferState } from './transfer-state.ts';

/**
 * True where the peer can bring something that is neither here nor on its way, or is just bringing it. Interest that says less (as in "lacks
 * a piece that the peer has", BEP 3) makes most uploads of a crowd offers in vain. What is asked for keeps it up: some clients drop requests
 * of who is not interested.
 */
function isOfUse(state: TransferState, session: PeerSession): boolean {
  if (session.lackedCount === 0) return false;
  if (session.wantedCount > 0 && !session.satisfied) return true;
  if (session.requests.size > 0) return true;
  for (const assembly of state.orphans) if (session.has.has(assembly.piece)) return true;
  if (state.hasLaggard && hasOpenPiece(state, session)) return true;
  if (session.satisfied) return false;
  for (const piece of state.suspicion.retries.keys()) if (!state.open.has(piece) && session.has.has(piece)) return true;
  return state.rules.endgame && state.isEndgame;
}

/** A piece that it has is coming from somebody who may have fallen silent. */
function hasOpenPiece(state: TransferState, session: PeerSession): boolean {
  for (const { phase, piece } of state.open.values()) if (phase === 'filling' && session.has.has(piece)) return true;
  return false;
}

/** Tells the peer where our interest in it changed. */
export function reviewInterest(state: TransferState, session: PeerSession): void {
  const wanted = isOfUse(state, session);
  if (wanted === session.wanted) return;
  session.wanted = wanted;
  state.send(session, { type: wanted ? 'interested' : 'not_interested' });
}

/** The same for all whose reasons changed since. */
export function reviewInterests(state: TransferState): void {
  if (state.unsure.size === 0) return;
  for (const session of state.unsure) if (state.sessions.get(session.peer) === session) reviewInterest(state, session);
  state.unsure.clear();
}

/** The peer told its whole field for the first time. `bits` is undefined where it has everything. */
export function learnField(state: TransferState, session: PeerSession, bits: Bitfield | undefined): void {
  const { availability, geometry } = state;
  session.fieldSeen = true;
  if (bits === undefined || bits.isFull) {
    session.countedAsSeeder = true;
    availability.addSeeder();
    for (const piece of geometry.pieces()) session.has.set(piece);
    session.lackedCount = state.lackedCount;
    session.wantedCount = availability.wanted.count;
  } else {
    state.leecherCount++;
    if (bits.count > 0) for (const piece of geometry.pieces()) if (bits.has(piece)) gainPiece(state, session, piece);
  }
}

/** The peer told its field again, as a summary of new pieces. `bits` is undefined where it has everything; what was known stays. */
export function learnMore(state: TransferState, session: PeerSession, bits: Bitfield | undefined): void {
  for (const piece of state.geometry.pieces())
    if (bits === undefined || bits.has(piece)) learnPiece(state, session, piece);
}

/** The peer has one more piece. False where that was known. */
export function learnPiece(state: TransferState, session: PeerSession, piece: PieceIndex): boolean {
  if (session.has.has(piece)) return false;
  gainPiece(state, session, piece);
  if (session.has.isFull) state.leecherCount--;
  return true;
}

function gainPiece(state: TransferState, session: PeerSession, piece: PieceIndex): void {
  session.has.set(piece);
  state.availability.gain(piece);
  if (!state.lacks(piece)) return;
  session.lackedCount++;
  if (state.availability.wanted.has(piece)) session.wantedCount++;
}

/** The peer has the piece no more (or will not give it for now). */
export function losePiece(state: TransferState, session: PeerSession, piece: PieceIndex): void {
  if (!session.has.has(piece)) return;
  if (session.has.isFull) state.leecherCount++;
  if (session.countedAsSeeder) countPieceByPiece(state, session);
  session.has.clear(piece);
  state.availability.lose(piece);
  if (!state.lacks(piece)) return;
  session.lackedCount--;
  if (state.availability.wanted.has(piece)) session.wantedCount--;
}

function countPieceByPiece(state: TransferState, session: PeerSession): void {
  session.countedAsSeeder = false;
  state.availability.removeSeeder();
  for (const piece of state.geometry.pieces()) state.availability.gain(piece);
}

/** The connection is gone: what it had is less available. */
export function forgetField(state: TransferState, session: PeerSession): void {
  if (!session.fieldSeen) return;
  if (!session.has.isFull) state.leecherCount--;
  if (session.countedAsSeeder) {
    state.availability.removeSeeder();
  } else if (session.has.count > 0) {
    for (const piece of state.geometry.pieces()) if (session.has.has(piece)) state.availability.lose(piece);
  }
}
