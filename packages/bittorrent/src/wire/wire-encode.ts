import type { Block } from '../geometry.ts';
import type { PeerMessage } from '../messages.ts';
import { MAX_EXTENDED_BYTES, MESSAGE_ID } from './message-ids.ts';

/** What stands before a block's payload. */
export const PIECE_HEADER_BYTES = 13;

/** How long a message is on the wire, length prefix included. Throws RangeError for an extended message of more than 64 KiB. */
export function messageBytes(message: PeerMessage): number {
  switch (message.type) {
    case 'keep_alive':
      return 4;
    case 'choke':
    case 'unchoke':
    case 'interested':
    case 'not_interested':
    case 'have_all':
    case 'have_none':
      return 5;
    case 'have':
    case 'suggest_piece':
    case 'allowed_fast':
      return 9;
    case 'request':
    case 'cancel':
    case 'reject_request':
      return 17;
    case 'bitfield':
      return 5 + message.bits.length;
    case 'extended':
      if (message.payload.length + 1 > MAX_EXTENDED_BYTES)
        throw new RangeError('an extended message is at most 64 KiB');
      return 6 + message.payload.length;
  }
}

/** Writes one message as it goes over the wire (BEP 3, 6, 10); answers the place behind it. */
export function writeMessage(message: PeerMessage, into: Uint8Array, at: number): number {
  const end = at + messageBytes(message);
  writeUint32(into, at, end - at - 4);
  if (message.type === 'keep_alive') return end;
  into[at + 4] = MESSAGE_ID[message.type];
  switch (message.type) {
    case 'have':
    case 'suggest_piece':
    case 'allowed_fast':
      writeUint32(into, at + 5, message.piece);
      break;
    case 'request':
    case 'cancel':
    case 'reject_request':
      writeUint32(into, at + 5, message.block.piece);
      writeUint32(into, at + 9, message.block.offsetBytes);
      writeUint32(into, at + 13, message.block.lengthBytes);
      break;
    case 'bitfield':
      into.set(message.bits, at + 5);
      break;
    case 'extended':
      into[at + 5] = message.id;
      into.set(message.payload, at + 6);
  }
  return end;
}

/** One message in memory of its own. */
export function encodeMessage(message: PeerMessage): Uint8Array {
  const bytes = new Uint8Array(messageBytes(message));
  writeMessage(message, bytes, 0);
  return bytes;
}

/** Writes the {@link PIECE_HEADER_BYTES} before a block's payload; answers the place behind them. */
export function writePieceHeader(block: Block, into: Uint8Array, at: number): number {
  writeUint32(into, at, 9 + block.lengthBytes);
  into[at + 4] = MESSAGE_ID.piece;
  writeUint32(into, at + 5, block.piece);
  writeUint32(into, at + 9, block.offsetBytes);
  return at + PIECE_HEADER_BYTES;
}

/** The same in memory of its own. */
export function encodePieceHeader(block: Block): Uint8Array {
  const bytes = new Uint8Array(PIECE_HEADER_BYTES);
  writePieceHeader(block, bytes, 0);
  return bytes;
}

function writeUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}
