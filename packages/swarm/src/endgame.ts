import { blockId, wholeId } from './block-id.ts';
import type { PeerSession } from './peer-session.ts';
import type { PieceAssembly } from './piece-assembly.ts';
import { adopt, ask, mayMix, mayTakeOver } from './piece-sources.ts';
import type { TransferState } from './transfer-state.ts';

/** A copy is asked for only where it should come this much sooner, so that nearly equal connections do not double each other's work. */
const MARGIN_MS = 50;
/** The same for a piece that was asked for in one request, of a fast connection: with the first copy of a block all of it would be taken back. */
const WHOLE_MARGIN_MS = 500;
/** The same where buffers, not pieces, ran out: a piece then leaves its connection only if that is really slow. */
const STARVED_MARGIN_MS = 4_000;
/** How long a connection may be without a measured rate before it counts as slow. */
const UNMEASURED_MS = 500;

/**
 * An idle connection helps where another is late: it asks for a copy of the last missing block of an open piece, from the back, so that
 * the two meet in the middle; the block that comes second is cancelled. Only at the end, when every missing piece is open, or when
 * all buffers are held and this connection has nothing to do. True where something was asked for.
 */
export function helpLaggard(state: TransferState, session: PeerSession): boolean {
  const isEndgame = state.isEndgame;
  if (!isEndgame && (state.open.size < state.maxOpenPieces || session.requests.size > 0)) return false;
  let best: { assembly: PieceAssembly; ordinal: number | undefined; gainMs: number } | undefined;
  for (const assembly of state.open.values()) {
    if (assembly.phase !== 'filling' || assembly.owner === session.peer || !session.has.has(assembly.piece)) continue;
    const owner = assembly.owner === undefined ? undefined : state.sessions.get(assembly.owner);
    if (owner === undefined) continue;
    const isMixed = !assembly.alone && mayMix(state, session, assembly) && mayMix(state, owner, assembly);
    const ordinal = isMixed ? lastMissing(state, session, assembly) : undefined;
    if (isMixed && ordinal === undefined) continue;
    if (!isMixed && !mayRestart(state, session, assembly)) continue;
    const hereMs = timeHereMs(state, session, isMixed ? 1 : assembly.blockCount);
    const gainMs = timeThereMs(state, owner, assembly, ordinal ?? assembly.blockCount - 1) - 2 * hereMs;
    const isWhole = owner.requests.has(wholeId(assembly.piece));
    const marginMs = isEndgame ? (isWhole ? WHOLE_MARGIN_MS : MARGIN_MS) : STARVED_MARGIN_MS;
    if (gainMs > marginMs && (best === undefined || gainMs > best.gainMs)) {
      best = { assembly, ordinal, gainMs };
    }
  }
  if (best === undefined) return false;
  if (best.ordinal === undefined) adopt(state, session, best.assembly);
  const ordinal = best.ordinal ?? best.assembly.nextUnasked();
  if (ordinal === undefined) return false;
  ask(state, session, blockId(best.assembly.piece, ordinal));
  return true;
}

/** A piece that may not be mixed has to begin anew with another owner: not with an unmeasured one. */
function mayRestart(state: TransferState, session: PeerSession, assembly: PieceAssembly): boolean {
  if (assembly.isClaimed || session.requests.rateBytesPerSecond === 0) return false;
  return mayTakeOver(state, session, assembly) && state.nowMs > assembly.ownerSinceMs;
}

function lastMissing(state: TransferState, session: PeerSession, assembly: PieceAssembly): number | undefined {
  for (let ordinal = assembly.blockCount - 1; ordinal >= 0; ordinal--) {
    if (!assembly.isMissing(ordinal) || assembly.writer(ordinal) !== undefined) continue;
    if (assembly.copies[ordinal]! >= state.limits.endgameCopies) continue;
    if (!session.requests.has(blockId(assembly.piece, ordinal))) return ordinal;
  }
  return undefined;
}

/** How long this connection would need for so many more blocks. An unmeasured one may try a few. */
function timeHereMs(state: TransferState, session: PeerSession, blocks: number): number {
  const { rateBytesPerSecond, roundTripMs, size } = session.requests;
  if (rateBytesPerSecond === 0) return size < 4 ? roundTripMs : Number.POSITIVE_INFINITY;
  return roundTripMs + ((size + blocks) * state.geometry.blockBytes * 1000) / rateBytesPerSecond;
}

/** How long the owner will need until it has sent the block: by its rate, and at least as long again as it has been silent. */
function timeThereMs(state: TransferState, owner: PeerSession, assembly: PieceAssembly, ordinal: number): number {
  const silentMs = owner.requests.silentMs(state.nowMs);
  const rate = owner.requests.rateBytesPerSecond;
  if (rate === 0) return silentMs > UNMEASURED_MS ? silentMs : 0;
  let ahead = 0;
  for (const owned of owner.owned) {
    const last = owned === assembly ? ordinal : owned.blockCount - 1;
    for (let earlier = 0; earlier <= last; earlier++) if (owned.isMissing(earlier)) ahead++;
    if (owned === assembly) break;
  }
  return Math.max(silentMs, (ahead * state.geometry.blockBytes * 1000) / rate);
}
