import type { Block, PieceIndex } from './geometry.ts';

/**
 * Peer messages after the handshake, as meaning: BEP 3, BEP 6 (fast extension), BEP 10 (extension protocol).
 * Every piece number and range in one has been checked against the share's geometry. `piece` payloads never appear here:
 * the wire decoder copies them straight to the place its sink gives (see wire.ts).
 */
export type PeerMessage =
  | { readonly type: 'keep_alive' }
  | { readonly type: 'choke' }
  | { readonly type: 'unchoke' }
  | { readonly type: 'interested' }
  | { readonly type: 'not_interested' }
  | { readonly type: 'have'; readonly piece: PieceIndex }
  | { readonly type: 'bitfield'; readonly bits: Uint8Array }
  | { readonly type: 'request'; readonly block: Block }
  | { readonly type: 'cancel'; readonly block: Block }
  | { readonly type: 'suggest_piece'; readonly piece: PieceIndex }
  | { readonly type: 'have_all' }
  | { readonly type: 'have_none' }
  | { readonly type: 'reject_request'; readonly block: Block }
  | { readonly type: 'allowed_fast'; readonly piece: PieceIndex }
  | { readonly type: 'extended'; readonly id: number; readonly payload: Uint8Array };
