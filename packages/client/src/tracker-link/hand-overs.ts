import { createHash, createPublicKey, verify, type X509Certificate } from 'node:crypto';
import { HAND_OVERS_OID, handOverLimits, handOverStatement, type KeyHandOver, parseHandOvers } from '@peerage/contract';
import { extensionsOf } from '../certificate-extensions.ts';

/** The tracker's clock and ours may be so much apart. */
const SLACK_MS = 86_400_000;

const keyOf = (raw: string) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw, 'hex').toString('base64url') },
    format: 'jwk',
  });

const pinOf = (raw: string): string =>
  createHash('sha256')
    .update(keyOf(raw).export({ type: 'spki', format: 'der' }))
    .digest('hex');

/**
 * Whether the key with the pin `from` handed over to the key of this certificate, by way of others where there were some: each signed by the one before, each within the
 * last 30 days. Nobody without the old key can make such a certificate; whoever shows one has to prove the new key in the handshake.
 */
export function leadsFrom(from: string, certificate: X509Certificate, nowMs: number): boolean {
  const chain = handOversIn(certificate);
  const start = chain.findIndex((handOver) => pinOf(handOver.from) === from);
  return start >= 0 && chain.slice(start).every((handOver) => counts(handOver, nowMs));
}

function counts(handOver: KeyHandOver, nowMs: number): boolean {
  const { from, atMs, signature } = handOver;
  if (nowMs < atMs - SLACK_MS || nowMs >= atMs + handOverLimits.countsMs) return false;
  return verify(null, handOverStatement(handOver), keyOf(from), Buffer.from(signature, 'hex'));
}

/** None where the certificate carries none, or carries anything else. */
function handOversIn(certificate: X509Certificate): KeyHandOver[] {
  try {
    const [extension, more] = extensionsOf(certificate.raw, HAND_OVERS_OID);
    if (extension === undefined || more !== undefined) return [];
    const last = Buffer.from(certificate.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
    return parseHandOvers(extension, last);
  } catch {
    return []; // then its key is simply another one, and refused as such
  }
}
