import { z } from 'zod';
import { PeerageError } from '../errors/peerage-error.ts';

/**
 * A tracker's port shows a new key, and the old one says so: Ed25519 by the old key over
 * "peerage-key-v1" 0x00 from(32) to(32) atMs(8, big-endian). It counts for 30 days.
 */
export const KeyHandOver = z.strictObject({
  /** Raw Ed25519 public keys, as hex. */
  from: z.string().regex(/^[0-9a-f]{64}$/),
  to: z.string().regex(/^[0-9a-f]{64}$/),
  /** By the tracker's clock. */
  atMs: z.number().int().nonnegative(),
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});
export type KeyHandOver = Readonly<z.infer<typeof KeyHandOver>>;

/** The extension of a tracker's own certificate that carries the hand-overs which lead to its key: non-critical, an OCTET STRING. */
export const HAND_OVERS_OID = '2.25.305419896202';
export const handOverLimits = { countsMs: 30 * 86_400_000, inCertificate: 8 } as const;

const DOMAIN = new TextEncoder().encode('peerage-key-v1\0');
const KEY_BYTES = 32;
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;
/** from(32) atMs(8) signature(64): `to` is the next one's `from`, the last one's the certificate's key. */
const ENTRY_BYTES = KEY_BYTES + TIME_BYTES + SIGNATURE_BYTES;
const OCTET_STRING = 0x04;

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));

function timeBytes(atMs: number): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(atMs));
  return bytes;
}

/** The bytes that the old key signs. */
export function handOverStatement({ from, to, atMs }: Omit<KeyHandOver, 'signature'>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(DOMAIN.length + 2 * KEY_BYTES + TIME_BYTES);
  bytes.set(DOMAIN);
  bytes.set(fromHex(from), DOMAIN.length);
  bytes.set(fromHex(to), DOMAIN.length + KEY_BYTES);
  bytes.set(timeBytes(atMs), DOMAIN.length + 2 * KEY_BYTES);
  return bytes;
}

/** The extension's value for hand-overs that follow one another, the oldest first; at most 8. */
export function encodeHandOvers(chain: readonly KeyHandOver[]): Uint8Array<ArrayBuffer> {
  const length = chain.length * ENTRY_BYTES;
  const head =
    length < 0x80
      ? [OCTET_STRING, length]
      : length < 0x100
        ? [OCTET_STRING, 0x81, length]
        : [OCTET_STRING, 0x82, length >> 8, length & 0xff];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  chain.forEach(({ from, atMs, signature }, index) => {
    const at = head.length + index * ENTRY_BYTES;
    bytes.set(fromHex(from), at);
    bytes.set(timeBytes(atMs), at + KEY_BYTES);
    bytes.set(fromHex(signature), at + KEY_BYTES + TIME_BYTES);
  });
  return bytes;
}

/** Reads the extension's value in a certificate of `lastKey` (raw, as hex); refuses any other form with `protocol`. Signatures are the caller's to check. */
export function parseHandOvers(value: Uint8Array, lastKey: string): KeyHandOver[] {
  const head = value[1] === 0x82 ? 4 : value[1] === 0x81 ? 3 : 2;
  const count = (value.length - head) / ENTRY_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > handOverLimits.inCertificate) throw malformed();
  const entries = Array.from({ length: count }, (_, index) => {
    const entry = value.subarray(head + index * ENTRY_BYTES, head + (index + 1) * ENTRY_BYTES);
    const at = new DataView(entry.buffer, entry.byteOffset + KEY_BYTES, TIME_BYTES).getBigUint64(0);
    if (at > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed();
    return {
      from: toHex(entry.subarray(0, KEY_BYTES)),
      atMs: Number(at),
      signature: toHex(entry.subarray(KEY_BYTES + TIME_BYTES)),
    };
  });
  const chain = entries.map((entry, index) => ({ ...entry, to: entries[index + 1]?.from ?? lastKey }));
  const canonical = encodeHandOvers(chain);
  if (canonical.some((byte, at) => byte !== value[at])) throw malformed();
  return chain;
}

const malformed = (): PeerageError =>
  new PeerageError('protocol', "the hand-overs in the tracker's certificate are malformed");
