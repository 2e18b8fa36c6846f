import { PeerageError } from '../errors/peerage-error.ts';

/** The certificate extension that names a membership: non-critical, its value an OCTET STRING of exactly 80 bytes. */
export const MEMBERSHIP_OID = '2.25.305419896201';

/** What a group certificate says of its holder, and all that it says: opaque ids of 32 lower-case hex digits each. */
export interface CertifiedMembership {
  readonly group: string;
  readonly user: string;
  readonly device: string;
  /** Which acceptance into the group: a new one has a new id. */
  readonly application: string;
  /** Which login of the device: a new one after a logout or with a password has a new id. */
  readonly login: string;
}

const FIELDS = ['group', 'user', 'device', 'application', 'login'] as const;
const ID_BYTES = 16;
const OCTET_STRING = 0x04;
const CONTENT_BYTES = ID_BYTES * FIELDS.length;

/** The extension's value: DER OCTET STRING of group(16) user(16) device(16) application(16) login(16). */
export function encodeMembership(membership: CertifiedMembership): Uint8Array<ArrayBuffer> {
  const hex = FIELDS.map((field) => membership[field]).join('');
  const bytes = new Uint8Array(2 + CONTENT_BYTES);
  bytes.set([OCTET_STRING, CONTENT_BYTES]);
  for (let at = 0; at < CONTENT_BYTES; at++) bytes[2 + at] = Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

/** Reads the extension's value; refuses any other form with `protocol`. */
export function parseMembership(value: Uint8Array): CertifiedMembership {
  if (value.length !== 2 + CONTENT_BYTES || value[0] !== OCTET_STRING || value[1] !== CONTENT_BYTES) {
    throw new PeerageError('protocol', "the certificate's membership is not 80 bytes in an octet string");
  }
  const ids = FIELDS.map((_, index) => {
    const id = value.subarray(2 + index * ID_BYTES, 2 + (index + 1) * ID_BYTES);
    return Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('');
  });
  const [group = '', user = '', device = '', application = '', login = ''] = ids;
  return { group, user, device, application, login };
}
