import type { PieceIndex } from '@peerage/bittorrent';
import type { PeerSession } from './peer-session.ts';
import type { TransferState } from './transfer-state.ts';

// What a seeder gives to whom, so that every piece is soon somewhere else. A byte that a lone seeder sends twice adds to everybody's time,
// and what it never sent is lost when it leaves.

/** Pieces looked at for one choice. */
const LOOKED_AT = 4_096;
const PROBES = 64;
/** Round trips after which advice was heard. */
const CROSSED_FACTOR = 2;

/** True where a seeder has to share out its uplink among several who lack something. */
export function isSpreading(state: TransferState): boolean {
  return state.rules.spread && state.rules.grants && state.have.isFull && state.leecherCount > 1;
}

/**
 * Of those who may be served, the one who passes pieces on: with the fewest pieces of ours that nobody else was seen with; among equals
 * who was seen to pass on one before, then who lacks most.
 */
export function bestReceiver(state: TransferState, candidates: readonly PeerSession[]): PeerSession | undefined {
  let best: PeerSession | undefined;
  let bestKept = 0;
  let equals = 0;
  for (const session of candidates) {
    const kept = keptCount(state, session);
    const order = best === undefined ? -1 : kept - bestKept || compareEqual(state, session, best);
    if (order > 0) continue;
    equals = order < 0 ? 1 : equals + 1;
    if (equals > 1 && state.random.below(equals) > 0) continue;
    best = session;
    bestKept = kept;
  }
  return best;
}

/** Pieces that it has, or was sent by us and does not speak of. */
function gotCount({ has, upload }: PeerSession): number {
  return Math.max(has.count, upload.sentPieces);
}

/** Who keeps as much comes first where it was seen to pass on what it got, a rider never is; then who lacks more. */
function compareEqual(state: TransferState, left: PeerSession, right: PeerSession): number {
  const credit = state.rules.credit ? Number(right.upload.passesOn) - Number(left.upload.passesOn) : 0;
  return credit || gotCount(left) - gotCount(right);
}

function keptCount(state: TransferState, session: PeerSession): number {
  const { upload } = session;
  for (const [piece, wasNowhere] of upload.given) {
    if (!session.has.has(piece) || state.availability.partialCount(piece) <= 1) continue;
    upload.given.delete(piece);
    if (wasNowhere && !upload.passesOn) upload.passesOn = !isGivenToAnother(state, session, piece);
  }
  return upload.given.size;
}

/** We gave the piece to somebody else, too: who has it besides does not have it of this one, perhaps. */
function isGivenToAnother(state: TransferState, session: PeerSession, piece: PieceIndex): boolean {
  for (const other of state.sessions.values()) if (other !== session && other.upload.given.has(piece)) return true;
  return false;
}

/** The piece that it is best for everybody that this peer takes: one that nobody has or is getting, else one of the least available. */
export function pieceToGive(state: TransferState, session: PeerSession): PieceIndex | undefined {
  const fresh = freshPiece(state);
  if (fresh !== undefined) return fresh;
  return leastAvailable(state, session);
}

/** Nothing is left that nobody has or is getting, and some of what is on its way is nowhere else yet. */
export function givesNothingFresh(state: TransferState): boolean {
  if (!isSpreading(state)) return false;
  if (state.givesFresh && freshPiece(state) !== undefined) return false;
  return isGivingLast(state);
}

/** One that nobody has or is getting. */
function freshPiece(state: TransferState): PieceIndex | undefined {
  const { availability, assigned } = state;
  const count = state.geometry.pieceCount;
  for (let step = 0; step < Math.min(count, LOOKED_AT); step++) {
    const piece = ((state.spreadCursor + step) % count) as PieceIndex;
    if (assigned.has(piece) || availability.partialCount(piece) > 0) continue;
    state.spreadCursor = piece;
    state.givesFresh = true;
    return piece;
  }
  state.givesFresh = false;
  return undefined;
}

function leastAvailable(state: TransferState, session: PeerSession): PieceIndex | undefined {
  const { availability, assigned } = state;
  const count = state.geometry.pieceCount;
  let best: PieceIndex | undefined;
  let bestCount = 0;
  for (let probe = 0; probe < PROBES; probe++) {
    const piece = state.random.below(count) as PieceIndex;
    if (session.has.has(piece) || assigned.get(piece) === session) continue;
    const held = availability.partialCount(piece) + (assigned.has(piece) ? 1 : 0);
    if (best === undefined || held < bestCount) {
      best = piece;
      bestCount = held;
    }
  }
  return best;
}

/** The last pieces that nobody has are on their way: until they are there nothing is given twice. */
export function isGivingLast(state: TransferState): boolean {
  if (!isSpreading(state) || state.givesFresh) return false;
  for (const piece of state.assigned.keys()) if (state.availability.partialCount(piece) === 0) return true;
  return false;
}

/** It is to take this piece, or asked for it by itself. With who withholds a piece is as good as nowhere. */
export function assign(state: TransferState, session: PeerSession, piece: PieceIndex): void {
  if (state.withholding.withholds(session.member, state.nowMs)) return;
  state.assigned.set(piece, session);
  session.upload.given.set(piece, state.availability.partialCount(piece) === 0);
}

/** It will not take the piece, or took it and keeps it for itself: another may. */
export function takeBack(state: TransferState, session: PeerSession, piece: PieceIndex): void {
  session.upload.given.delete(piece);
  if (state.assigned.get(piece) !== session) return;
  state.assigned.delete(piece);
  state.givesFresh = true;
  state.spreadCursor = Math.min(state.spreadCursor, piece);
}

/** It has not asked for what it was told to take, and will not. */
export function forgetAdvice(state: TransferState, session: PeerSession): void {
  const { advised } = session.upload;
  for (const piece of advised.keys()) takeBack(state, session, piece);
  advised.clear();
}

/** Advice that was not followed in time is for another. */
export function forgetOldAdvice(state: TransferState, session: PeerSession, beforeMs: number): void {
  const { advised } = session.upload;
  for (const [piece, atMs] of advised) {
    if (atMs >= beforeMs) continue;
    advised.delete(piece);
    takeBack(state, session, piece);
  }
}

/** It asks for blocks of a piece: where that is not the one it was to take, that one is free again. */
export function noteAsked(state: TransferState, session: PeerSession, piece: PieceIndex): void {
  if (!state.have.isFull) return;
  const { advised } = session.upload;
  if (!advised.delete(piece)) {
    // What it was told while it asked may still be asked for.
    forgetOldAdvice(state, session, state.nowMs - CROSSED_FACTOR * state.servedRoundTripMs);
  }
  if (!session.has.has(piece)) assign(state, session, piece);
}

/** It has the piece now: nobody is getting it of us any more. */
export function forgetAssigned(state: TransferState, session: PeerSession, piece: PieceIndex): void {
  if (state.assigned.size > 0 && state.assigned.get(piece) === session) state.assigned.delete(piece);
}

/** It is gone: what it was getting is to be given to others, unless it is there already. */
export function forgetGiven(state: TransferState, session: PeerSession): void {
  for (const piece of [...session.upload.given.keys()]) takeBack(state, session, piece);
}
