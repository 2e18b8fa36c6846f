import { inflateRawSync } from 'node:zlib';

/** Something that must not be readable: a password, a token, part of a file. */
export interface Secret {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The forms in which a secret may lie in other bytes: raw, hex, and base64 at each of its three offsets (both alphabets). */
function formsOf({ bytes }: Secret): Buffer[] {
  const hex = bytes.toString('hex');
  const forms = [bytes, Buffer.from(hex), Buffer.from(hex.toUpperCase())];
  for (const offset of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    // The first characters depend on what stands before, the last ones on what comes behind.
    const from = offset === 0 ? 0 : offset + 1;
    const whole = Math.floor((shifted.length * 8) / 6);
    for (const alphabet of ['base64', 'base64url'] as const) {
      forms.push(Buffer.from(shifted.toString(alphabet).slice(from, whole)));
    }
  }
  return forms;
}

const GZIP_HEADER_BYTES = 10;
/** The header's flag for a file name, which ends with a zero byte (RFC 1952). */
const HAS_NAME = 0x08;

/** Everything in the bytes that unpacks as gzip, whatever stands behind it. */
function unpacked(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = bytes.indexOf('1f8b08', 'hex'); at !== -1; at = bytes.indexOf('1f8b08', at + 1, 'hex')) {
    const named = (bytes[at + 3]! & HAS_NAME) !== 0;
    const start = named ? bytes.indexOf(0, at + GZIP_HEADER_BYTES) + 1 : at + GZIP_HEADER_BYTES;
    try {
      found.push(inflateRawSync(bytes.subarray(start), { maxOutputLength: 64 * 1024 * 1024 }));
    } catch {
      // Three bytes that look like gzip's and are not.
    }
  }
  return found;
}

/** Which secrets can be read in the bytes, in whatever form. */
export function secretsIn(bytes: Buffer, secrets: readonly Secret[]): string[] {
  const texts = [bytes, ...unpacked(bytes)];
  return secrets
    .filter((secret) => formsOf(secret).some((form) => texts.some((text) => text.includes(form))))
    .map(({ name }) => name);
}

const RECORD_TYPES = new Set([20, 21, 22, 23]);
const HEADER_BYTES = 5;
/** RFC 8446, 5.2: 2^14 and 256 more where it is encrypted. */
const MOST_BYTES = 16_384 + 256;

/**
 * Undefined where one direction of a connection is TLS 1.3 records from its first byte to its last (the last may be cut off); else what is not. Behind the first record of
 * the handshake, all but the compatibility's change_cipher_spec is encrypted (RFC 8446, appendix D.4): type 23.
 */
export function notTls13(bytes: Buffer): string | undefined {
  let records = 0;
  for (let at = 0; at < bytes.length; ) {
    const type = bytes[at]!;
    if (at + HEADER_BYTES > bytes.length) return undefined;
    const [version, length] = [bytes.readUInt16BE(at + 1), bytes.readUInt16BE(at + 3)];
    if (
      !RECORD_TYPES.has(type) ||
      (version !== 0x0303 && !(records === 0 && version === 0x0301)) ||
      length > MOST_BYTES
    ) {
      return `no TLS record at byte ${at}: ${bytes.subarray(at, at + 16).toString('hex')}`;
    }
    if (records > 0 && type === 22) return `an unencrypted handshake record at byte ${at}: not TLS 1.3`;
    records++;
    at += HEADER_BYTES + length;
  }
  return undefined;
}
