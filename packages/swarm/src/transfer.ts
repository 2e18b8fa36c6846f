import type { Block } from '@peerage/bittorrent';
import { forget } from './connections.ts';
import { reviewServing } from './granting.ts';
import { reviewInterests } from './interest.ts';
import { type PieceCell, takePieceCells } from './piece-cells.ts';
import { fillAll } from './requesting.ts';
import { onBlockSent } from './serving.ts';
import { type TransferSnapshot, takeSnapshot } from './snapshot.ts';
import type { PeerKey, TransferEffect, TransferEvent } from './transfer-events.ts';
import * as disk from './transfer-on-disk.ts';
import * as onPeer from './transfer-on-peer.ts';
import { onTick, wish } from './transfer-on-tick.ts';
import { type TransferOptions, TransferState } from './transfer-state.ts';
import { type Unavailable, unavailablePieces } from './unavailable.ts';

/**
 * One share's download and upload, without I/O: told what happened, it answers with what is to be done. Its verbs are in
 * transfer-on-{peer,disk,tick}.ts; their common state, and what is always true of it, in transfer-state.ts.
 *
 * Events that do not fit (an unknown peer, a piece that was not handed over) are no news and change nothing; what a peer does against
 * the protocol ends in a `disconnect`. After a `disconnect` the runtime takes no more payload from that peer into any buffer.
 */
export class Transfer {
  /** For this package's verbs and checks only. */
  readonly state: TransferState;

  constructor(options: TransferOptions) {
    this.state = new TransferState(options);
  }

  handle(event: TransferEvent, nowMs: number): TransferEffect[] {
    const { state } = this;
    state.nowMs = nowMs;
    const session = 'peer' in event ? state.sessions.get(event.peer) : undefined;
    switch (event.type) {
      case 'peer_joined':
        onPeer.onPeerJoined(state, event.peer, event.member, event.fast);
        break;
      case 'whole_pieces':
        // Without the fast extension a request that is not served gets no answer, and a choke voids it.
        if (session?.fast) session.sendsWhole = true;
        break;
      case 'peer_left':
        if (session !== undefined) forget(state, session);
        break;
      case 'message':
        if (session !== undefined) onPeer.onMessage(state, session, event.message);
        break;
      case 'block_arrived':
        if (session !== undefined) onPeer.onBlockArrived(state, session, event.block);
        break;
      case 'block_unwanted':
        if (session !== undefined) onPeer.onBlockUnwanted(state, session, event.block);
        break;
      case 'block_sent':
        if (session !== undefined) onBlockSent(state, session, event.block, event.dropped === true);
        break;
      case 'piece_stored':
        disk.onPieceStored(state, event.piece);
        break;
      case 'piece_bad':
        disk.onPieceBad(state, event.piece);
        break;
      case 'store_failed':
        disk.onStoreFailed(state, event.piece);
        break;
      case 'store_ready':
        disk.onStoreReady(state);
        break;
      case 'piece_lost':
        disk.onPieceLost(state, event.piece);
        break;
      case 'buffer_budget':
        disk.onBufferBudget(state, event.pieces);
        break;
      case 'upload_limit':
        state.uplink.limit(event.bytesPerSecond);
        break;
      case 'paused':
        disk.onPaused(state);
        break;
      case 'resumed':
        disk.onResumed(state);
        break;
      case 'tick':
        onTick(state);
        break;
    }
    disk.releaseSpare(state);
    while (state.refill) {
      state.refill = false;
      fillAll(state);
    }
    reviewInterests(state);
    if (state.rechoke) reviewServing(state);
    wish(state);
    return state.takeEffects();
  }

  /**
   * True only for a block that was requested from that peer and is still missing. A yes makes the peer the only one that may write into the block's
   * place, until `block_arrived`, `block_unwanted`, `peer_left` or a `disconnect`: meanwhile other copies are unwanted.
   */
  wantsBlock(peer: PeerKey, block: Block): boolean {
    const session = this.state.sessions.get(peer);
    return session !== undefined && onPeer.claimBlock(this.state, session, block);
  }

  /** What nobody who is connected can give. */
  unavailable(): Unavailable {
    return unavailablePieces(this.state);
  }

  snapshot(): TransferSnapshot {
    return takeSnapshot(this.state);
  }

  /** All pieces in order, in at most `most` cells. */
  pieceCells(most: number): PieceCell[] {
    return takePieceCells(this.state, most);
  }

  /** Everything wanted is stored. */
  get isComplete(): boolean {
    return this.state.isComplete;
  }
}
