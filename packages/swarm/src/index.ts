export type { DisconnectReason, MemberKey, PeerKey, TransferEffect, TransferEvent } from './transfer-events.ts';
