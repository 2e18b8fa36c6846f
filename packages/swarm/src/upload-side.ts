import { type Block, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';

/** A piece of which blocks were handed to the runtime, until the peer says that it has it. */
export interface HandedPiece {
  bytes: number;
  /** When the latest of its bytes were handed over; what comes after the whole piece does not count. */
  lastMs: number;
}

/**
 * What one connection gets of us: plain state, changed by serving.ts and granting.ts. First what is looked at of every connection at each
 * decision whom to serve: fields that are declared together lie together.
 *
 * Always true: `servingBytes` is the sum of `serving`, `waitingBytes` that of `waiting`, `handedBytes` that of `handed`.
 */
export class UploadSide {
  /** It wants pieces of us. */
  interested = false;
  /** We choke it. */
  choked = true;
  /** Bytes granted and not asked for yet; below 0 where more was asked for than granted. */
  grantedBytes = 0;
  waitingBytes = 0;
  handedBytes = 0;
  /** When we last choked or unchoked it. */
  chokedSinceMs: number;
  /** When it was granted something last. */
  grantedAtMs = 0;
  /** When it was granted something while it had nothing to come; and since when it has not asked for what it was granted. */
  busySinceMs = 0;
  unaskedSinceMs = 0;
  /** It let a grant lapse: none until then. */
  notBeforeMs = 0;
  /** How many grants it let lapse. */
  lapses = 0;
  /** Asked for and not handed to the runtime yet, oldest first. */
  waiting: Block[] = [];
  /** Handed to the runtime since its turn in the line began. */
  turnBytes = 0;
  /** Handed to the runtime and not taken by the socket yet. */
  serving: Block[] = [];
  servingBytes = 0;
  readonly handed = new Map<PieceIndex, HandedPiece>();
  /** Pieces it was given that nobody else was seen with, as far as looked at (spreading.ts); true where nobody had it then. */
  readonly given = new Map<PieceIndex, boolean>();
  /** Of a seeder: a piece that only this one had turned up elsewhere. */
  passesOn = false;
  /** Pieces it was told to take and has not asked for, and when. */
  readonly advised = new Map<PieceIndex, number>();
  /** The piece it asked for last. */
  lastPiece: PieceIndex | undefined;
  /** Requests in vain since the last block served. */
  refusedRequests = 0;
  upBytes = 0;

  constructor(nowMs: number) {
    this.chokedSinceMs = nowMs;
  }

  /** Pieces it was sent, whether it says so or not. */
  get sentPieces(): number {
    return Math.floor(this.upBytes / PIECE_BYTES);
  }

  /** Everything that is granted or on its way to it. */
  get committedBytes(): number {
    return Math.max(0, this.grantedBytes) + this.waitingBytes + this.handedBytes;
  }
}
