import type { Block, PeerMessage, PieceIndex } from '@peerage/bittorrent';

/** One connection, named by the runtime; never reused in a process. */
export type PeerKey = number;
/** Who is behind a connection: user and device. Blame and bans are by this, not by connection. */
export type MemberKey = string;

/**
 * Everything that can happen to a transfer. The runtime reports facts; the transfer answers with {@link TransferEffect}s.
 * Payload never enters: a block's bytes are in the runtime's buffer of that piece when `block_arrived` is told.
 */
export type TransferEvent =
  /** Both handshakes are done; `fast` when both sides offered BEP 6. */
  | { readonly type: 'peer_joined'; readonly peer: PeerKey; readonly member: MemberKey; readonly fast: boolean }
  /** It takes requests for whole pieces, and so do we. */
  | { readonly type: 'whole_pieces'; readonly peer: PeerKey }
  | { readonly type: 'peer_left'; readonly peer: PeerKey }
  | { readonly type: 'message'; readonly peer: PeerKey; readonly message: PeerMessage }
  /** A block for which `wantsBlock` said yes is complete in the piece's buffer. */
  | { readonly type: 'block_arrived'; readonly peer: PeerKey; readonly block: Block }
  /** A block for which `wantsBlock` said no was skipped on the wire. */
  | { readonly type: 'block_unwanted'; readonly peer: PeerKey; readonly block: Block }
  /** The piece's hash matched and its bytes are written: from now on it may be announced and served. */
  | { readonly type: 'piece_stored'; readonly piece: PieceIndex }
  | { readonly type: 'piece_bad'; readonly piece: PieceIndex }
  /** The piece was good but could not be written; its buffer is free again. The transfer opens nothing until `store_ready`. */
  | { readonly type: 'store_failed'; readonly piece: PieceIndex }
  | { readonly type: 'store_ready' }
  /** A piece that we had turned out to be unreadable or changed on disk: it is no longer ours to serve. */
  | { readonly type: 'piece_lost'; readonly piece: PieceIndex }
  /** A served block left for the socket (its buffer is free); `dropped` where a `cancel_serve` came in time and nothing was sent. */
  | { readonly type: 'block_sent'; readonly peer: PeerKey; readonly block: Block; readonly dropped?: boolean }
  /** How many pieces may be open (have a buffer) at once from now on; the runtime shares its pool among the transfers. */
  | { readonly type: 'buffer_budget'; readonly pieces: number }
  /** No more than this may be sent; Infinity: no limit. */
  | { readonly type: 'upload_limit'; readonly bytesPerSecond: number }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'tick' };

/** Why a transfer closes a connection. */
export type DisconnectReason = 'protocol' | 'banned' | 'both_seeders' | 'idle' | 'paused' | 'stopped';

/** What a transfer wants done, in order. */
export type TransferEffect =
  | { readonly type: 'send'; readonly peer: PeerKey; readonly message: PeerMessage }
  /** Read this block of a piece we have and send it as `piece`; answer with `block_sent` (or `piece_lost`). */
  | { readonly type: 'serve_block'; readonly peer: PeerKey; readonly block: Block }
  /** A served block that the peer cancelled: drop it if it has not left yet; answer with `block_sent` in any case. */
  | { readonly type: 'cancel_serve'; readonly peer: PeerKey; readonly block: Block }
  /** All blocks of the piece are in its buffer: verify, write, and answer piece_stored | piece_bad | store_failed; the buffer is then free. */
  | { readonly type: 'verify_piece'; readonly piece: PieceIndex }
  /** Nobody works on this open piece any more: its buffer is free. */
  | { readonly type: 'release_piece'; readonly piece: PieceIndex }
  | { readonly type: 'disconnect'; readonly peer: PeerKey; readonly reason: DisconnectReason; readonly detail: string }
  | { readonly type: 'ban'; readonly member: MemberKey; readonly detail: string }
  /** Every piece is stored. Told once. */
  | { readonly type: 'completed' }
  /** Send `tick` at this time (ms, the clock of `handle`), replacing an earlier wish. */
  | { readonly type: 'wake_at'; readonly atMs: number };
