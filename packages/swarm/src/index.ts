export { checkInvariants } from './invariants.ts';
export { Random } from './random.ts';
export { Transfer } from './transfer.ts';
export type { DisconnectReason, MemberKey, PeerKey, TransferEffect, TransferEvent } from './transfer-events.ts';
