import type { Bitfield, PieceIndex } from '@peerage/bittorrent';
import type { PeerSession } from './peer-session.ts';
import type { TransferState } from './transfer-state.ts';

/** Tells the peer where our interest in it changed. */
export function reviewInterest(state: TransferState, session: PeerSession): void {
  const wanted = session.lackedCount > 0;
  if (wanted === session.wanted) return;
  session.wanted = wanted;
  state.send(session, { type: wanted ? 'interested' : 'not_interested' });
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
