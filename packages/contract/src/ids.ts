import { joined } from './joined.ts';

/**
 * How an internal id is bound to its creator (security.md, "Ids"):
 *
 *     id        = first 16 bytes of SHA-256( "peerage-id-v1" 0x00 kind 0x00 devicePublicKey(32) nonce(16) foldedName )
 *     signature = Ed25519 by the device key over  "peerage-create-v1" 0x00 kind 0x00 id(16) nonce(16) name
 *
 *     deviceId  = first 16 bytes of SHA-256( "peerage-device-v1" 0x00 uid(16) devicePublicKey(32) )
 *     login     = Ed25519 by the device key over
 *                 "peerage-login-v1" 0x00 challenge(32) channel(32) trackerPin(32) uid(16) devicePublicKey(32)
 *     proof     = Ed25519 by the device key over  "peerage-device-v1" 0x00 channel(32) trackerPin(32) devicePublicKey(32)
 *     peerName  = first 32 hex digits of HMAC-SHA256( labelKey, "peerage-sni-v1" 0x00 day ) and ".peer"
 *
 * channel is what both ends export from their one TLS connection ({@link CHANNEL_EXPORTER}, 32 bytes, empty context) and trackerPin the
 * SHA-256 of the tracker's public key: a signature made for one connection, or for another tracker, opens nothing elsewhere.
 * A device's id hangs on its user, so nobody can log in under another user's device. kind is `user`, `group` or `application`; names are UTF-8; foldedName is the name in lower case. Pure: callers hash and sign.
 */
export type IdKind = 'user' | 'group' | 'application';

export const foldName = (name: string): string => name.toLowerCase();

const encoder = new TextEncoder();

const concat = (parts: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> =>
  joined(parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part)));

/** The bytes whose SHA-256 begins with the id. */
export function idPreimage(
  kind: IdKind,
  devicePublicKey: Uint8Array,
  nonce: Uint8Array,
  name: string,
): Uint8Array<ArrayBuffer> {
  return concat(['peerage-id-v1\0', kind, '\0', devicePublicKey, nonce, foldName(name)]);
}

/** The bytes that the creating device signs. */
export function createStatement(
  kind: IdKind,
  id: Uint8Array,
  nonce: Uint8Array,
  name: string,
): Uint8Array<ArrayBuffer> {
  return concat(['peerage-create-v1\0', kind, '\0', id, nonce, name]);
}

/** The bytes whose SHA-256 begins with a device's id. */
export function devicePreimage(uid: Uint8Array, devicePublicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(['peerage-device-v1\0', uid, devicePublicKey]);
}

/** Label of the TLS exporter (RFC 8446, 7.5) whose 32 bytes name one connection between client and tracker. */
export const CHANNEL_EXPORTER = 'EXPORTER-peerage-channel';

/** One connection to one tracker, as both of its ends know it. */
export interface Channel {
  /** 32 bytes, exported from the connection. */
  readonly exported: Uint8Array;
  /** SHA-256 of the tracker's public key (SPKI, DER): 32 bytes. */
  readonly trackerPin: Uint8Array;
}

/** The bytes that a known device signs instead of giving the password. */
export function loginStatement(
  challenge: Uint8Array,
  channel: Channel,
  uid: Uint8Array,
  devicePublicKey: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concat(['peerage-login-v1\0', challenge, channel.exported, channel.trackerPin, uid, devicePublicKey]);
}

/** The bytes that a device signs beside a password, to show that it has its key. */
export function deviceStatement(channel: Channel, devicePublicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(['peerage-device-v1\0', channel.exported, channel.trackerPin, devicePublicKey]);
}

const DAY_MS = 86_400_000;

/** The bytes whose HMAC under a group's label key names the group on peer links during the day (UTC) of `timeMs`, tracker time. */
export function peerNameStatement(timeMs: number): Uint8Array<ArrayBuffer> {
  return concat(['peerage-sni-v1\0', String(Math.floor(timeMs / DAY_MS))]);
}
