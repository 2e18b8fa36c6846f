import 'reflect-metadata';
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import { Extension, X509CertificateGenerator } from '@peculiar/x509';
import { HAND_OVERS_OID, handOverStatement, type KeyHandOver } from '@peerage/contract';

/** Keys and certificates of trackers, for tests. */

export const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;

const rawOf = (key: KeyObject): string =>
  Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x!, 'base64url').toString('hex');

export const pinOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('hex');

export function handOver(from: KeyObject, to: KeyObject, atMs: number, signer = from): KeyHandOver {
  const unsigned = { from: rawOf(from), to: rawOf(to), atMs };
  return { ...unsigned, signature: sign(null, handOverStatement(unsigned), signer).toString('hex') };
}

/** Self-signed, with these values of the hand-overs' extension. */
export async function certificateOf(
  key: KeyObject,
  ...values: Uint8Array<ArrayBuffer>[]
): Promise<{ pem: string; parsed: X509Certificate }> {
  const algorithm = { name: 'Ed25519' };
  const keys = {
    privateKey: key.toCryptoKey(algorithm, false, ['sign']),
    publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ['verify']),
  } as webcrypto.CryptoKeyPair;
  const extensions = values.map((value) => new Extension(HAND_OVERS_OID, false, value));
  const made = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=test', keys, signingAlgorithm: algorithm, extensions },
    webcrypto,
  );
  return { pem: made.toString('pem'), parsed: new X509Certificate(Buffer.from(made.rawData)) };
}
