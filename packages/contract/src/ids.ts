/**
 * How an internal id is bound to its creator (security.md, "Ids"):
 *
 *     id        = first 16 bytes of SHA-256( "peerage-id-v1" 0x00 kind 0x00 devicePublicKey(32) nonce(16) foldedName )
 *     signature = Ed25519 by the device key over  "peerage-create-v1" 0x00 kind 0x00 id(16) nonce(16) name
 *
 *     deviceId  = first 16 bytes of SHA-256( "peerage-device-v1" 0x00 uid(16) devicePublicKey(32) )
 *     login     = Ed25519 by the device key over  "peerage-login-v1" 0x00 challenge(32) uid(16) devicePublicKey(32)
 *
 * A device's id hangs on its user, so nobody can log in under another user's device. kind is `user`, `group` or `application`; names are UTF-8; foldedName is the name in lower case. Pure: callers hash and sign.
 */
export type IdKind = 'user' | 'group' | 'application';

export const foldName = (name: string): string => name.toLowerCase();

const encoder = new TextEncoder();

function concat(parts: (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const bytes = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const joined = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of bytes) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

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

/** The bytes that a known device signs instead of giving the password. */
export function loginStatement(
  challenge: Uint8Array,
  uid: Uint8Array,
  devicePublicKey: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concat(['peerage-login-v1\0', challenge, uid, devicePublicKey]);
}
