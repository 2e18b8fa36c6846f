export { Bitfield } from './bitfield.ts';
export type { Brand } from './brand.ts';
export { BLOCK_BYTES, type Block, Geometry, PIECE_BYTES, type PieceIndex } from './geometry.ts';
export type { PeerMessage } from './messages.ts';
