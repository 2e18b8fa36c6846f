import { fromHex, toHex } from '../hex.ts';
import type { InfoHash } from '../ids.ts';
import { WireError } from './wire-error.ts';

export const HANDSHAKE_BYTES = 68;

/** What both sides send first (BEP 3). */
export interface Handshake {
  readonly infoHash: InfoHash;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** BEP 6, reserved byte 7, bit 0x04. In force when both sides say so. */
  readonly fast: boolean;
  /** BEP 10, reserved byte 5, bit 0x10. In force when both sides say so. */
  readonly extended: boolean;
}

const PROTOCOL = new TextEncoder().encode('\x13BitTorrent protocol');
const RESERVED_AT = 20;
const INFO_HASH_AT = 28;
const PEER_ID_AT = 48;

export function encodeHandshake(handshake: Handshake): Uint8Array {
  if (handshake.peerId.length !== 20) throw new RangeError('a peer id has 20 bytes');
  const bytes = new Uint8Array(HANDSHAKE_BYTES);
  bytes.set(PROTOCOL);
  if (handshake.extended) bytes[RESERVED_AT + 5] = 0x10;
  if (handshake.fast) bytes[RESERVED_AT + 7] = 0x04;
  bytes.set(fromHex(handshake.infoHash), INFO_HASH_AT);
  bytes.set(handshake.peerId, PEER_ID_AT);
  return bytes;
}

/**
 * Gathers the other side's handshake from chunks of any size; another protocol is refused at its first wrong byte.
 * Always true: `#filled` < 68 bytes are here and those of them that must be the protocol's name are it.
 */
export class HandshakeReader {
  readonly #bytes = new Uint8Array(HANDSHAKE_BYTES);
  #filled = 0;

  /**
   * Undefined while bytes are missing. `consumedBytes` of this chunk belong to the handshake, the rest to the wire decoder.
   * Throws WireError `bad_protocol`. Not to be called again after a result or an error.
   */
  push(chunk: Uint8Array): { readonly handshake: Handshake; readonly consumedBytes: number } | undefined {
    const taken = Math.min(chunk.length, HANDSHAKE_BYTES - this.#filled);
    for (let at = 0; at < taken; at++) {
      const byte = chunk[at]!;
      if (this.#filled < PROTOCOL.length && byte !== PROTOCOL[this.#filled]) {
        throw new WireError('bad_protocol', 'the other side does not speak the BitTorrent protocol');
      }
      this.#bytes[this.#filled++] = byte;
    }
    if (this.#filled < HANDSHAKE_BYTES) return undefined;
    return {
      handshake: {
        infoHash: toHex(this.#bytes.subarray(INFO_HASH_AT, PEER_ID_AT)) as InfoHash,
        peerId: this.#bytes.slice(PEER_ID_AT),
        fast: (this.#bytes[RESERVED_AT + 7]! & 0x04) !== 0,
        extended: (this.#bytes[RESERVED_AT + 5]! & 0x10) !== 0,
      },
      consumedBytes: taken,
    };
  }
}
