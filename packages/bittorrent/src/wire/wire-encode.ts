import type { Block } from '../geometry.ts';
import type { PeerMessage } from '../messages.ts';
import { MAX_EXTENDED_BYTES, MESSAGE_ID } from './message-ids.ts';

/** One message as it goes over the wire, length prefix included (BEP 3, 6, 10). */
export function encodeMessage(message: PeerMessage): Uint8Array {
  switch (message.type) {
    case 'keep_alive':
      return new Uint8Array(4);
    case 'choke':
    case 'unchoke':
    case 'interested':
    case 'not_interested':
    case 'have_all':
    case 'have_none':
      return frame(MESSAGE_ID[message.type], 0);
    case 'have':
    case 'suggest_piece':
    case 'allowed_fast': {
      const bytes = frame(MESSAGE_ID[message.type], 4);
      writeUint32(bytes, 5, message.piece);
      return bytes;
    }
    case 'request':
    case 'cancel':
    case 'reject_request': {
      const bytes = frame(MESSAGE_ID[message.type], 12);
      writeUint32(bytes, 5, message.block.piece);
      writeUint32(bytes, 9, message.block.offsetBytes);
      writeUint32(bytes, 13, message.block.lengthBytes);
      return bytes;
    }
    case 'bitfield': {
      const bytes = frame(MESSAGE_ID.bitfield, message.bits.length);
      bytes.set(message.bits, 5);
      return bytes;
    }
    case 'extended': {
      if (message.payload.length + 1 > MAX_EXTENDED_BYTES)
        throw new RangeError('an extended message is at most 64 KiB');
      const bytes = frame(MESSAGE_ID.extended, 1 + message.payload.length);
      bytes[5] = message.id;
      bytes.set(message.payload, 6);
      return bytes;
    }
  }
}

/** The 13 bytes before a block's payload; the payload follows from wherever it lies, uncopied. */
export function encodePieceHeader(block: Block): Uint8Array {
  const bytes = new Uint8Array(13);
  writeUint32(bytes, 0, 9 + block.lengthBytes);
  bytes[4] = MESSAGE_ID.piece;
  writeUint32(bytes, 5, block.piece);
  writeUint32(bytes, 9, block.offsetBytes);
  return bytes;
}

function frame(id: number, bodyBytes: number): Uint8Array {
  const bytes = new Uint8Array(5 + bodyBytes);
  writeUint32(bytes, 0, 1 + bodyBytes);
  bytes[4] = id;
  return bytes;
}

function writeUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}
