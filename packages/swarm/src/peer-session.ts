import { Bitfield, type Geometry, type PieceIndex } from '@peerage/bittorrent';
import type { BlockId } from './block-id.ts';
import type { PieceAssembly } from './piece-assembly.ts';
import { type RequestTally, RequestWindow } from './request-window.ts';
import type { MemberKey, PeerKey } from './transfer-events.ts';
import { UploadSide } from './upload-side.ts';

/**
 * One connection of a transfer, as the transfer sees it: plain state, changed by the transfer's verbs.
 *
 * Always true: `owned` are the filling pieces whose owner this connection is; `lackedCount` pieces that we lack and `wantedCount` wanted
 * pieces are in `has`; we are interested exactly where `lackedCount` > 0 and it is not `satisfied`.
 */
export class PeerSession {
  readonly peer: PeerKey;
  readonly member: MemberKey;
  readonly fast: boolean;
  /** It sends a whole piece for one request, and so do we. */
  sendsWhole = false;
  /** What it says it has, less what it declined lately. */
  readonly has: Bitfield;
  readonly requests: RequestWindow;
  /** What it gets of us. */
  readonly upload: UploadSide;
  lackedCount = 0;
  wantedCount = 0;
  /** It chokes us. */
  choking = true;
  /** We want pieces of it, and told it so. */
  wanted = false;
  /** It served us when there was nothing to ask it for: it was told that we want nothing, until there is. */
  satisfied = false;
  /** It told its pieces (or, without the fast extension, something else first, which means none). */
  fieldSeen = false;
  /** How often it told its pieces again. */
  laterFields = 0;
  /** Counted in the availability as a seeder, not piece by piece. */
  countedAsSeeder = false;
  /** It unchoked us just now: perhaps one piece is all that is granted. */
  fresh = false;
  unchokedMs = 0;
  /** Blocks asked for since it unchoked us, and how much of them came. */
  freshBlocks = 0;
  freshArrivedBytes = 0;
  /** Pieces it would like us to take, latest last. */
  suggested: PieceIndex[] = [];
  owned: PieceAssembly[] = [];
  /** The piece that was opened last to come from it. */
  lastOpened: PieceIndex | undefined;
  /** The block whose payload it is sending into a buffer right now. */
  claim: BlockId | undefined;
  /** It was asked, stayed silent and gave way to another: until then it is asked only where nobody else is there. */
  distrustedUntilMs = 0;
  stalls = 0;
  declined: { readonly piece: PieceIndex; readonly untilMs: number }[] = [];
  unwantedBlocks = 0;
  heardMs: number;
  spokeMs: number;
  downBytes = 0;
  /** For how long it could have brought something that we lack, since it last did. */
  uselessMs = 0;

  constructor(options: {
    peer: PeerKey;
    member: MemberKey;
    fast: boolean;
    geometry: Geometry;
    nowMs: number;
    tally: RequestTally;
  }) {
    this.peer = options.peer;
    this.member = options.member;
    this.fast = options.fast;
    this.requests = new RequestWindow(options.tally);
    this.has = Bitfield.empty(options.geometry);
    this.upload = new UploadSide(options.nowMs);
    this.heardMs = options.nowMs;
    this.spokeMs = options.nowMs;
  }
}
