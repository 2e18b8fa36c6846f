import { type BlockId, blockId, blocksOf, pieceOfBlock, rangeOf, wholeId } from './block-id.ts';
import type { PeerSession } from './peer-session.ts';
import type { PieceAssembly } from './piece-assembly.ts';
import type { TransferState } from './transfer-state.ts';

// Which connections the blocks of an open piece are asked of, and how a piece changes hands.

/** How long a piece stays where it is before it may begin anew elsewhere, the first time. */
const RESTART_AFTER_MS = 1_000;
const RESTARTS_COUNTED = 9;

/** Sends the request for a block of an open piece, or for all of them. */
export function ask(state: TransferState, session: PeerSession, id: BlockId): void {
  state.open.get(pieceOfBlock(id))!.asked(id);
  session.freshBlocks += blocksOf(state.geometry, id);
  session.requests.add(id, state.nowMs);
  state.send(session, { type: 'request', block: rangeOf(state.geometry, id) });
}

/** Takes back a request that the peer has not answered: it may still answer. */
export function cancel(state: TransferState, session: PeerSession, id: BlockId): void {
  session.requests.forgive(id);
  state.open.get(pieceOfBlock(id))?.unasked(id);
  state.send(session, { type: 'cancel', block: rangeOf(state.geometry, id) });
}

/** Takes back all requests for a piece, but those to one connection, and those whose answer is being received this moment. */
export function cancelPiece(state: TransferState, assembly: PieceAssembly, but?: PeerSession): void {
  for (const session of state.sessions.values()) {
    if (session === but) continue;
    const cancelOne = (id: BlockId) => {
      if (session.requests.has(id) && session.claim !== id) cancel(state, session, id);
    };
    cancelOne(wholeId(assembly.piece));
    for (let ordinal = 0; ordinal < assembly.blockCount; ordinal++) cancelOne(blockId(assembly.piece, ordinal));
  }
}

/** The piece has no owner from now on: whoever has it may go on with it. */
export function orphan(state: TransferState, session: PeerSession, assembly: PieceAssembly): void {
  session.owned = session.owned.filter((owned) => owned !== assembly);
  assembly.owner = undefined;
  assembly.ownerSinceMs = state.nowMs;
  state.orphans.add(assembly);
  state.refill = true;
}

/** An owner keeps its piece only while it has it and serves us, or blocks of it are still to come. */
export function reviewOwner(state: TransferState, assembly: PieceAssembly): void {
  const owner = assembly.owner === undefined ? undefined : state.sessions.get(assembly.owner);
  if (owner === undefined) return;
  if (owner.has.has(assembly.piece)) {
    if (!owner.choking || owner.requests.has(wholeId(assembly.piece))) return;
    for (let ordinal = 0; ordinal < assembly.blockCount; ordinal++) {
      if (owner.requests.has(blockId(assembly.piece, ordinal))) return;
    }
  }
  orphan(state, owner, assembly);
}

/** The piece is to come from this connection. */
export function own(state: TransferState, session: PeerSession, assembly: PieceAssembly): void {
  assembly.owner = session.peer;
  assembly.ownerSinceMs = state.nowMs;
  session.owned.push(assembly);
}

/** The connection becomes the owner of a filling piece that was another's. Blocks that may not be mixed with its own are fetched again. */
export function adopt(state: TransferState, session: PeerSession, assembly: PieceAssembly): void {
  const previous = assembly.owner === undefined ? undefined : state.sessions.get(assembly.owner);
  if (previous !== undefined) orphan(state, previous, assembly);
  cancelPiece(state, assembly, session);
  if (!mayMix(state, session, assembly)) {
    const dropped = assembly.drop((sender) => sender !== session.member);
    if (dropped > 0) assembly.restarts++;
    state.wastedBytes += dropped * state.geometry.blockBytes;
  }
  state.orphans.delete(assembly);
  own(state, session, assembly);
}

/**
 * True where the piece may go on with this connection now. Where that means to begin anew, the owner (or the one who comes back from a
 * choke) is given time first, each time twice as long: else two slow sources could take a piece from each other for ever.
 */
export function mayTakeOver(state: TransferState, session: PeerSession, assembly: PieceAssembly): boolean {
  if (mayMix(state, session, assembly)) return true;
  const waitMs = RESTART_AFTER_MS * 2 ** Math.min(assembly.restarts, RESTARTS_COUNTED);
  return state.nowMs - assembly.ownerSinceMs >= waitMs || !isSenderConnected(state, assembly);
}

function isSenderConnected(state: TransferState, assembly: PieceAssembly): boolean {
  const members = assembly.members();
  for (const session of state.sessions.values()) if (members.has(session.member)) return true;
  return false;
}

/** True where the connection's blocks may stand beside those that have arrived. */
export function mayMix(state: TransferState, session: PeerSession, assembly: PieceAssembly): boolean {
  const { suspicion } = state;
  const isOther = (sender: string | undefined) => sender !== undefined && sender !== session.member;
  if (assembly.alone || suspicion.worksAlone(session.member)) return !assembly.senders.some(isOther);
  return !assembly.senders.some((sender) => isOther(sender) && suspicion.worksAlone(sender!));
}
