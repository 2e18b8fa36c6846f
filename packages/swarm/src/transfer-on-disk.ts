import type { PieceIndex } from '@peerage/bittorrent';
import { ban, disconnect } from './connections.ts';
import { reviewInterest } from './interest.ts';
import type { PieceAssembly } from './piece-assembly.ts';
import { cancelPiece } from './piece-sources.ts';
import { stopServing } from './serving.ts';
import type { TransferState } from './transfer-state.ts';
import { close, handOver } from './verifying.ts';

/** The open piece that the runtime reports about: undefined where it was not handed over (then the report is no news). */
function verified(state: TransferState, piece: PieceIndex): PieceAssembly | undefined {
  const assembly = state.open.get(piece);
  return assembly?.phase === 'verifying' ? assembly : undefined;
}

export function onPieceStored(state: TransferState, piece: PieceIndex): void {
  const assembly = verified(state, piece);
  if (assembly === undefined) return;
  close(state, assembly);
  state.have.set(piece);
  state.suspicion.acquit(piece, assembly.members());
  for (let ordinal = 0; ordinal < assembly.blockCount; ordinal++) {
    const member = assembly.senders[ordinal]!;
    const { lengthBytes } = state.geometry.blockAt(piece, ordinal)!;
    state.sources.set(member, (state.sources.get(member) ?? 0) + lengthBytes);
  }
  const have = { type: 'have', piece } as const;
  for (const session of state.sessions.values()) {
    state.send(session, have);
    if (!session.has.has(piece)) continue;
    session.lackedCount--;
    reviewInterest(state, session);
  }
  if (state.isComplete) onComplete(state);
}

function onComplete(state: TransferState): void {
  if (!state.completedTold) state.emit({ type: 'completed' });
  state.completedTold = true;
  for (const session of state.sessions.values()) {
    if (session.fieldSeen && session.has.isFull) {
      disconnect(state, session, 'both_seeders', 'both sides have every piece');
    }
  }
}

export function onPieceBad(state: TransferState, piece: PieceIndex): void {
  const assembly = verified(state, piece);
  if (assembly === undefined) return;
  close(state, assembly);
  state.wastedBytes += state.geometry.pieceLengthBytes(piece);
  state.refill = true;
  if (!state.rules.blame) {
    state.want(piece);
    return;
  }
  const wasRetry = assembly.alone;
  const bannedBefore = state.suspicion.banned.size;
  const liar = state.suspicion.judge(piece, assembly.members());
  if (!wasRetry && liar !== undefined) state.want(piece);
  // Several of its pieces may have been verified together: it is told once.
  const isNews = state.suspicion.banned.size > bannedBefore;
  if (liar !== undefined && isNews) ban(state, liar, `sent wrong data of piece ${piece}`);
}

export function onStoreFailed(state: TransferState, piece: PieceIndex): void {
  state.storeBlocked = true;
  const assembly = verified(state, piece);
  if (assembly === undefined) return;
  close(state, assembly);
  if (!assembly.alone) state.want(piece);
}

export function onStoreReady(state: TransferState): void {
  state.storeBlocked = false;
  for (const assembly of state.open.values()) if (assembly.phase === 'held') handOver(state, assembly);
  state.refill = true;
}

export function onPieceLost(state: TransferState, piece: PieceIndex): void {
  if (!state.have.clear(piece)) return;
  state.want(piece);
  for (const session of state.sessions.values()) {
    if (!session.has.has(piece)) continue;
    session.lackedCount++;
    reviewInterest(state, session);
  }
  stopServing(state, piece);
  state.refill = true;
}

export function onBufferBudget(state: TransferState, pieces: number): void {
  state.maxOpenPieces = pieces;
  releaseSpare(state);
  state.refill = true;
}

/** Where fewer buffers are left than pieces are open, those that nobody works on give theirs back; the others end first. */
export function releaseSpare(state: TransferState): void {
  if (state.open.size <= state.maxOpenPieces) return;
  for (const assembly of state.orphans) {
    if (state.open.size <= state.maxOpenPieces) return;
    if (!assembly.isClaimed) release(state, assembly);
  }
}

/** Gives up an open piece that is not with the disk. */
function release(state: TransferState, assembly: PieceAssembly): void {
  cancelPiece(state, assembly);
  close(state, assembly);
  state.wastedBytes += assembly.drop(() => true) * state.geometry.blockAt(assembly.piece, 0)!.lengthBytes;
  if (!assembly.alone) state.want(assembly.piece);
  state.emit({ type: 'release_piece', piece: assembly.piece });
}

export function onPaused(state: TransferState): void {
  state.paused = true;
  for (const session of [...state.sessions.values()]) disconnect(state, session, 'paused', 'this share is paused');
  for (const assembly of state.open.values()) if (assembly.phase !== 'verifying') release(state, assembly);
}

export function onResumed(state: TransferState): void {
  state.paused = false;
  state.refill = true;
}
