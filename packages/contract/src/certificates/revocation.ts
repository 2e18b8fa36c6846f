import { PeerageError } from '../errors/peerage-error.ts';
import type { Revoked, SignedRevocation } from '../values.ts';

/**
 * A revocation as it goes from hand to hand: an id that counts no more, signed with the issuer key of a tracker that knows it.
 *
 *     row       = kind(1) id(16) at(8) issuer(16) signature(64)             105 bytes; `at`: ms since 1970, tracker time, most significant first
 *     signature = Ed25519 by the issuer key over  "peerage-revocation-v1" 0x00 kind(1) id(16) at(8)
 *     issuer    = first 16 bytes of SHA-256( the issuer's SubjectPublicKeyInfo )
 *     kind      = 1 application, 2 login, 3 device
 *
 * Whoever passes it on needs no trust: it only takes rights away. Pure: callers hash, sign and verify.
 */
export const REVOCATION_BYTES = 105;

const KINDS = ['application', 'login', 'device'] as const;
const AT = 17;
const ISSUER = 25;
const SIGNATURE = 41;
/** Until 2109, as all tracker times (hybrid clocks need the bits above). */
const MOST_MS = 2 ** 42;

const prefix = new TextEncoder().encode('peerage-revocation-v1\0');

/** The bytes that the issuer signs. */
export function revocationStatement(revocation: Revoked & Pick<SignedRevocation, 'atMs'>): Uint8Array<ArrayBuffer> {
  const statement = new Uint8Array(prefix.length + ISSUER);
  statement.set(prefix);
  writeHead(statement.subarray(prefix.length), revocation);
  return statement;
}

/** Rows side by side. */
export function encodeRevocations(revocations: readonly SignedRevocation[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(revocations.length * REVOCATION_BYTES);
  for (const [place, revocation] of revocations.entries()) {
    const row = bytes.subarray(place * REVOCATION_BYTES, (place + 1) * REVOCATION_BYTES);
    writeHead(row, revocation);
    writeHex(row, ISSUER, revocation.issuer);
    writeHex(row, SIGNATURE, revocation.signature);
  }
  return bytes;
}

/** Reads rows side by side; refuses any other form with `protocol`. Nothing in them is proven. */
export function parseRevocations(bytes: Uint8Array): SignedRevocation[] {
  if (bytes.length % REVOCATION_BYTES !== 0) throw new PeerageError('protocol', 'revocations are rows of 105 bytes');
  const rows: SignedRevocation[] = [];
  for (let at = 0; at < bytes.length; at += REVOCATION_BYTES)
    rows.push(readRow(bytes.subarray(at, at + REVOCATION_BYTES)));
  return rows;
}

function readRow(row: Uint8Array): SignedRevocation {
  const kind = KINDS[row[0]! - 1];
  const view = new DataView(row.buffer, row.byteOffset + AT, 8);
  const atMs = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  if (kind === undefined || atMs >= MOST_MS)
    throw new PeerageError('protocol', 'a revocation of no known kind or time');
  return {
    kind,
    id: readHex(row.subarray(1, AT)),
    atMs,
    issuer: readHex(row.subarray(ISSUER, SIGNATURE)),
    signature: readHex(row.subarray(SIGNATURE)),
  };
}

function writeHead(row: Uint8Array, { kind, id, atMs }: Revoked & Pick<SignedRevocation, 'atMs'>): void {
  row[0] = KINDS.indexOf(kind) + 1;
  writeHex(row, 1, id);
  const view = new DataView(row.buffer, row.byteOffset + AT, 8);
  view.setUint32(0, Math.floor(atMs / 2 ** 32));
  view.setUint32(4, atMs % 2 ** 32);
}

function writeHex(into: Uint8Array, at: number, hex: string): void {
  for (let byte = 0; byte * 2 < hex.length; byte++)
    into[at + byte] = Number.parseInt(hex.slice(byte * 2, byte * 2 + 2), 16);
}

const readHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
