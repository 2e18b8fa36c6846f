import { Bitfield, type Block, type Geometry, type PieceIndex } from '@peerage/bittorrent';
import type { BlockId, PieceAssembly } from './piece-assembly.ts';
import { RequestWindow } from './request-window.ts';
import type { MemberKey, PeerKey } from './transfer-events.ts';

/**
 * One connection of a transfer, as the transfer sees it: plain state, changed by the transfer's verbs.
 *
 * Always true: `owned` are the filling pieces whose owner this connection is; `lackedCount` pieces that we lack and `wantedCount` wanted
 * pieces are in `has`; we are interested exactly where `lackedCount` > 0; `servingBytes` is the sum of `serving`, and requests wait only
 * while that is at its limit.
 */
export class PeerSession {
  readonly peer: PeerKey;
  readonly member: MemberKey;
  readonly fast: boolean;
  /** What it says it has, less what it declined lately. */
  readonly has: Bitfield;
  /** It told its pieces (or, without the fast extension, something else first, which means none). */
  fieldSeen = false;
  /** How often it told its pieces again. */
  laterFields = 0;
  /** Counted in the availability as a seeder, not piece by piece. */
  countedAsSeeder = false;
  lackedCount = 0;
  wantedCount = 0;
  /** It chokes us. */
  choking = true;
  /** It wants pieces of us. */
  interested = false;
  /** We choke it. */
  choked = true;
  /** We want pieces of it. */
  wanted = false;
  /** When we last choked or unchoked it. */
  chokedSinceMs: number;
  owned: PieceAssembly[] = [];
  readonly requests = new RequestWindow();
  /** The block whose payload it is sending into a buffer right now. */
  claim: BlockId | undefined;
  /** It was asked, stayed silent and gave way to another: until then it is asked only where nobody else is there. */
  distrustedUntilMs = 0;
  stalls = 0;
  declined: { readonly piece: PieceIndex; readonly untilMs: number }[] = [];
  /** Asked of the runtime and not yet gone, oldest first. */
  serving: Block[] = [];
  servingBytes = 0;
  waiting: Block[] = [];
  unwantedBlocks = 0;
  refusedRequests = 0;
  heardMs: number;
  spokeMs: number;
  downBytes = 0;
  upBytes = 0;

  constructor(options: { peer: PeerKey; member: MemberKey; fast: boolean; geometry: Geometry; nowMs: number }) {
    this.peer = options.peer;
    this.member = options.member;
    this.fast = options.fast;
    this.has = Bitfield.empty(options.geometry);
    this.chokedSinceMs = options.nowMs;
    this.heardMs = options.nowMs;
    this.spokeMs = options.nowMs;
  }
}
