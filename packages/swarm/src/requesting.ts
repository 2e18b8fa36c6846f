import { PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { blockId, wholeId } from './block-id.ts';
import { helpLaggard } from './endgame.ts';
import { hasEnough } from './enough.ts';
import { reviewInterest } from './interest.ts';
import type { PeerSession } from './peer-session.ts';
import { PieceAssembly } from './piece-assembly.ts';
import { pickPiece } from './piece-picker.ts';
import { adopt, ask, mayMix, mayTakeOver, own } from './piece-sources.ts';
import type { TransferState } from './transfer-state.ts';
import { isLastResort, isTrusted } from './trust.ts';

/** After an unchoke so much is enough of a piece to open no other: more may not be granted. */
const FRESH_ENOUGH_BYTES = PIECE_BYTES / 2;
/** The window without its rule. */
const FIXED_BYTES = 2 * 1024 * 1024;

/** Asks the connection for as many blocks as its window allows; right after an unchoke for about one piece. */
export function fillRequests(state: TransferState, session: PeerSession): void {
  if (state.paused || session.choking || !session.wanted) return;
  if (!isTrusted(state, session) && !isLastResort(state)) return;
  session.requests.isOnly = state.sessions.size === 1;
  // What it was asked for and will not send does not count.
  if (session.requests.size === 0) session.freshBlocks = 0;
  while (mayAskMore(state, session)) {
    const next = nextOwned(session);
    if (next !== undefined) askNext(state, session, next.assembly, next.ordinal);
    else if (session.fresh && session.freshBlocks * state.geometry.blockBytes >= FRESH_ENOUGH_BYTES) break;
    else if (!openSuggested(state, session) && !adoptOrphan(state, session) && !openPiece(state, session)) {
      if (!helpOut(state, session)) break;
    }
  }
}

function mayAskMore(state: TransferState, session: PeerSession): boolean {
  const { requests } = session;
  if (!state.rules.window) return requests.size * state.geometry.blockBytes < FIXED_BYTES;
  return session.fresh ? requests.size < requests.mostBlocks : requests.size < requests.limitBlocks;
}

/** Blocks of pieces that others are at. */
function helpOut(state: TransferState, session: PeerSession): boolean {
  if (!state.rules.whole && fillOthers(state, session)) return true;
  return state.rules.endgame && helpLaggard(state, session);
}

/** Without whole pieces from one connection: the next block of any open piece. */
function fillOthers(state: TransferState, session: PeerSession): boolean {
  for (const assembly of state.open.values()) {
    if (assembly.phase !== 'filling' || !session.has.has(assembly.piece) || !mayMix(state, session, assembly)) continue;
    const ordinal = assembly.alone ? undefined : assembly.nextUnasked();
    if (ordinal === undefined) continue;
    ask(state, session, blockId(assembly.piece, ordinal));
    return true;
  }
  return false;
}

/** The next block of a piece of its own, or where it is fast and nothing of the piece was asked for yet, all of it at once. */
function askNext(state: TransferState, session: PeerSession, assembly: PieceAssembly, ordinal: number): void {
  const isWhole =
    session.sendsWhole &&
    session.requests.isFast &&
    assembly.blockCount > 1 &&
    assembly.isUntouched &&
    !state.isEndgame;
  ask(state, session, isWhole ? wholeId(assembly.piece) : blockId(assembly.piece, ordinal));
}

/** It serves us and there is nothing to ask for: it should serve another instead, until there is room for something. */
export function decline(state: TransferState, session: PeerSession): void {
  session.satisfied = true;
  state.unsure.add(session);
}

/** It is of interest again where there is room. */
export function reconsider(state: TransferState, session: PeerSession): void {
  if (session.satisfied && hasRoom(state) && !hasEnough(state)) session.satisfied = false;
}

function hasRoom(state: TransferState): boolean {
  return (
    !state.storeBlocked &&
    state.open.size < state.maxOpenPieces &&
    unwrittenPieces(state) < state.limits.unwrittenPieces
  );
}

/** All connections ask for more; where buffers are short, who has least to do comes first. */
export function fillAll(state: TransferState): void {
  const hungry: PeerSession[] = [];
  const room = hasRoom(state) && !hasEnough(state);
  for (const session of state.sessions.values()) {
    if (room) session.satisfied = false;
    if (session.lackedCount > 0) reviewInterest(state, session);
    if (!session.choking && session.wanted && session.requests.size < session.requests.limitBlocks)
      hungry.push(session);
  }
  if (hungry.length > 1) hungry.sort(isServedBefore);
  for (const session of hungry) fillRequests(state, session);
}

/**
 * Who has least of what its window allows comes first, in quarters; among equals who has given least. Not by rate: a connection that gets no
 * buffer has no rate, so who once came first would stay first, and a member as good as the others would give next to nothing.
 */
function isServedBefore(left: PeerSession, right: PeerSession): number {
  const quarters = ({ requests }: PeerSession) => Math.floor((4 * requests.size) / requests.limitBlocks);
  return quarters(left) - quarters(right) || left.downBytes - right.downBytes;
}

function nextOwned(session: PeerSession): { assembly: PieceAssembly; ordinal: number } | undefined {
  for (const assembly of session.owned) {
    const ordinal = assembly.nextUnasked();
    if (ordinal !== undefined) return { assembly, ordinal };
  }
  return undefined;
}

/** Takes over the piece that most is kept of; false where there is none. */
function adoptOrphan(state: TransferState, session: PeerSession): boolean {
  let best: PieceAssembly | undefined;
  let bestKept = -1;
  for (const assembly of state.orphans) {
    if (!session.has.has(assembly.piece) || !mayTakeOver(state, session, assembly)) continue;
    const kept = mayMix(state, session, assembly) ? assembly.arrivedCount : 0;
    if (kept > bestKept) {
      best = assembly;
      bestKept = kept;
    }
  }
  if (best === undefined) return false;
  adopt(state, session, best);
  return true;
}

function openPiece(state: TransferState, session: PeerSession): boolean {
  if (state.storeBlocked) return false;
  const retry = retryFor(state, session);
  if (retry === undefined && session.wantedCount === 0) return false;
  if (!hasRoom(state)) return false;
  const piece =
    retry ??
    pickPiece(state.availability, session.has, {
      inFileOrder: state.leecherCount === 0,
      last: session.lastOpened,
      partial: !session.countedAsSeeder,
      random: state.random,
    });
  if (piece === undefined) return false;
  open(state, session, piece, retry !== undefined);
  return true;
}

function open(state: TransferState, session: PeerSession, piece: PieceIndex, alone: boolean): void {
  state.unwant(piece);
  const assembly = new PieceAssembly(piece, state.geometry.blockCount(piece), alone);
  state.open.set(piece, assembly);
  session.lastOpened = piece;
  own(state, session, assembly);
}

/** A seeder that tells what to take has reasons: before anything else, so that it gives nothing twice. */
function openSuggested(state: TransferState, session: PeerSession): boolean {
  if (session.suggested.length === 0 || !hasRoom(state)) return false;
  const piece = suggestedPiece(state, session);
  if (piece === undefined) return false;
  open(state, session, piece, false);
  return true;
}

/** What the peer would like us to take, where we still want it. */
function suggestedPiece(state: TransferState, session: PeerSession): PieceIndex | undefined {
  for (let piece = session.suggested.pop(); piece !== undefined; piece = session.suggested.pop()) {
    if (state.availability.wanted.has(piece) && session.has.has(piece)) return piece;
  }
  return undefined;
}

/** Whole, but not stored: they are with the disk, or wait for it. */
function unwrittenPieces(state: TransferState): number {
  let count = 0;
  for (const assembly of state.open.values()) if (assembly.phase !== 'filling') count++;
  return count;
}

/** A piece that was bad and that this connection may bring whole: one of its suspects only where nobody else has it. */
function retryFor(state: TransferState, session: PeerSession): PieceIndex | undefined {
  for (const [piece, suspects] of state.suspicion.retries) {
    if (state.open.has(piece) || !session.has.has(piece)) continue;
    if (!suspects.has(session.member) || !hasOtherSource(state, piece, suspects)) return piece;
  }
  return undefined;
}

function hasOtherSource(state: TransferState, piece: PieceIndex, suspects: ReadonlySet<string>): boolean {
  for (const session of state.sessions.values()) {
    if (!suspects.has(session.member) && session.has.has(piece) && isTrusted(state, session)) return true;
  }
  return false;
}
