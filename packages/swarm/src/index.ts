export { checkInvariants } from './invariants.ts';
export type { PieceCell } from './piece-cells.ts';
export { RUN_PIECES } from './piece-picker.ts';
export { Random } from './random.ts';
export { ALL_RULES, type Rules } from './rules.ts';
export { Transfer } from './transfer.ts';
export type { DisconnectReason, MemberKey, PeerKey, TransferEffect, TransferEvent } from './transfer-events.ts';
