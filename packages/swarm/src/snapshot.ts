import type { MemberKey, PeerKey } from './transfer-events.ts';
import type { TransferState } from './transfer-state.ts';

interface PeerSnapshot {
  readonly peer: PeerKey;
  readonly member: MemberKey;
  /** It serves us / we serve it. */
  readonly isServing: boolean;
  readonly isServed: boolean;
  /** We want pieces of it / it wants pieces of us. */
  readonly isWanted: boolean;
  readonly isInterested: boolean;
  readonly hasPieces: number;
  /** Pieces it has and we lack. */
  readonly lackedPieces: number;
  /** Payload received (verified or not) and sent. */
  readonly downBytes: number;
  readonly upBytes: number;
  readonly outstandingBlocks: number;
  readonly rateBytesPerSecond: number;
}

export interface TransferSnapshot {
  readonly havePieces: number;
  readonly doneBytes: number;
  readonly openPieces: number;
  /** Of those: whole, but not stored. */
  readonly unstoredPieces: number;
  /** Wanted pieces that are not stored. */
  readonly lackedPieces: number;
  readonly isPaused: boolean;
  /** A write failed and the store is not ready again. */
  readonly isStoreBlocked: boolean;
  readonly peers: readonly PeerSnapshot[];
  /** Connected peers that have a piece we lack: where none is left and pieces are missing, there are no seeders. */
  readonly usefulPeers: number;
  /** Whole copies of what is neither stored nor being fetched, among connected peers (availability.ts); null where that is nothing. */
  readonly copies: number | null;
  /** Verified bytes by who sent them, since this transfer was made. */
  readonly sources: ReadonlyMap<MemberKey, number>;
  /** Payload received in vain: doubled, unasked, wrong, given up. */
  readonly wastedBytes: number;
}

/** What a person or a progress event wants to know; costs one step a connection, none a piece. */
export function takeSnapshot(state: TransferState): TransferSnapshot {
  const { geometry, have } = state;
  const last = geometry.piece(geometry.pieceCount - 1);
  const lastShort =
    last !== undefined && have.has(last)
      ? geometry.pieceLengthBytes(geometry.piece(0)!) - geometry.pieceLengthBytes(last)
      : 0;
  const pieceBytes = last === undefined ? 0 : geometry.pieceLengthBytes(geometry.piece(0)!);
  const peers: PeerSnapshot[] = [];
  let usefulPeers = 0;
  for (const session of state.sessions.values()) {
    if (session.lackedCount > 0) usefulPeers++;
    peers.push({
      peer: session.peer,
      member: session.member,
      isServing: !session.choking,
      isServed: !session.upload.choked,
      isWanted: session.wanted,
      isInterested: session.upload.interested,
      hasPieces: session.has.count,
      lackedPieces: session.lackedCount,
      downBytes: session.downBytes,
      upBytes: session.upload.upBytes,
      outstandingBlocks: session.requests.size,
      rateBytesPerSecond: session.requests.rateBytesPerSecond,
    });
  }
  return {
    havePieces: have.count,
    doneBytes: have.count * pieceBytes - lastShort,
    openPieces: state.open.size,
    unstoredPieces: [...state.open.values()].filter(({ phase }) => phase !== 'filling').length,
    lackedPieces: state.lackedCount,
    isPaused: state.paused,
    isStoreBlocked: state.storeBlocked,
    peers,
    usefulPeers,
    copies: state.availability.copies,
    sources: new Map(state.sources),
    wastedBytes: state.wastedBytes,
  };
}
