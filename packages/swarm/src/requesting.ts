import type { PieceIndex } from '@peerage/bittorrent';
import { helpLaggard } from './endgame.ts';
import type { PeerSession } from './peer-session.ts';
import { PieceAssembly } from './piece-assembly.ts';
import { pickPiece } from './piece-picker.ts';
import { adopt, ask, mayMix, mayTakeOver, own } from './piece-sources.ts';
import type { TransferState } from './transfer-state.ts';
import { isLastResort, isTrusted } from './trust.ts';

/** Asks the connection for as many blocks as its window allows. */
export function fillRequests(state: TransferState, session: PeerSession): void {
  if (state.paused || session.choking || !session.wanted) return;
  if (!isTrusted(state, session) && !isLastResort(state)) return;
  while (session.requests.size < session.requests.limitBlocks) {
    const next = nextOwned(session);
    if (next !== undefined) ask(state, session, next.assembly, next.ordinal);
    else if (!adoptOrphan(state, session) && !openPiece(state, session) && !helpLaggard(state, session)) break;
  }
}

/** All connections ask for more; where buffers are short, who has least to do comes first. */
export function fillAll(state: TransferState): void {
  state.starved = false;
  const hungry: PeerSession[] = [];
  for (const session of state.sessions.values()) {
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
  if (state.open.size >= state.maxOpenPieces || unwrittenPieces(state) >= state.limits.unwrittenPieces) {
    state.starved = true;
    return false;
  }
  const piece =
    retry ??
    pickPiece(state.availability, session.has, {
      inFileOrder: state.leecherCount === 0,
      partial: !session.countedAsSeeder,
      random: state.random,
    });
  if (piece === undefined) return false;
  state.unwant(piece);
  const assembly = new PieceAssembly(piece, state.geometry.blockCount(piece), retry !== undefined);
  state.open.set(piece, assembly);
  own(state, session, assembly);
  return true;
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
