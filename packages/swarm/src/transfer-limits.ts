/** What a transfer allows itself and its peers. */
export interface TransferLimits {
  /** Pieces open (with a buffer) at once, until `buffer_budget` says otherwise. */
  readonly maxOpenPieces: number;
  /** While so many whole pieces are not stored yet, no other is opened: the disk is busy as it is, and a kill would lose more. Eight of them may be with the disk already and wait to be verified. */
  readonly unwrittenPieces: number;
  /** A connection that is asked for blocks and sends none for this long gives its pieces to another that can go on. */
  readonly stallMs: number;
  /** A piece that an unchoked peer refused is not asked of it again for this long. */
  readonly declinedMs: number;
  /** Nothing heard for this long ends a connection. */
  readonly idleMs: number;
  /** Nothing said for this long sends a keep_alive (BEP 3: two minutes). */
  readonly keepAliveMs: number;
  /** Bytes asked of the runtime for one connection and not yet gone to its socket. */
  readonly servedBytes: number;
  /** Requests of one connection that wait behind `servedBytes`. */
  readonly waitingRequests: number;
  /** Bytes that they ask for: who asks for whole pieces may not have more of the uplink promised than who asks for blocks. */
  readonly waitingBytes: number;
  /** Blocks nobody asked for that a connection may send. */
  readonly unwantedBlocks: number;
  /** Requests that a connection may send in vain (while choked, for pieces we lack) between two blocks served. */
  readonly refusedRequests: number;
  /** Connections that one block may be asked of at the end. */
  readonly endgameCopies: number;
}

export const DEFAULT_LIMITS: TransferLimits = {
  maxOpenPieces: 0,
  unwrittenPieces: 12,
  stallMs: 8_000,
  declinedMs: 10_000,
  idleMs: 180_000,
  keepAliveMs: 100_000,
  servedBytes: 1024 * 1024,
  waitingRequests: 512,
  waitingBytes: 8 * 1024 * 1024,
  unwantedBlocks: 64,
  refusedRequests: 2048,
  endgameCopies: 3,
};
