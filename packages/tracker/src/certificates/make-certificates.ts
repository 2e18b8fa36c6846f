import 'reflect-metadata'; // what x509 stands on
import { createPublicKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import {
  type CertifiedMembership,
  encodeHandOvers,
  encodeMembership,
  HAND_OVERS_OID,
  type KeyHandOver,
  MEMBERSHIP_OID,
} from '@peerage/contract';

/** Makes X.509 certificates (RFC 5280), all of Ed25519 keys. Loaded only where one is made: the library takes its time to start. */

const ALGORITHM = { name: 'Ed25519' };
/** Nobody looks at the dates of a tracker's own two certificates: clients compare keys. */
const FOREVER_MS = 100 * 365 * 86_400_000;

/** Positive and without leading zeros. */
const newSerial = (): string => `4${randomBytes(16).toString('hex').slice(1)}`;

const signer = (key: KeyObject): webcrypto.CryptoKey =>
  key.toCryptoKey(ALGORITHM, false, ['sign']) as webcrypto.CryptoKey;

function keyPair(privateKey: KeyObject): webcrypto.CryptoKeyPair {
  const publicKey = createPublicKey(privateKey).toCryptoKey(ALGORITHM, true, ['verify']) as webcrypto.CryptoKey;
  return { privateKey: signer(privateKey), publicKey };
}

/** The certificate of the tracker's port, as PEM, with the hand-overs that led to its key, the oldest first. */
export async function makePortCertificate(
  privateKey: KeyObject,
  nowMs: number,
  handOvers: readonly KeyHandOver[],
): Promise<string> {
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerial(),
      name: 'CN=peerage tracker',
      notBefore: new Date(nowMs - 86_400_000),
      notAfter: new Date(nowMs + FOREVER_MS),
      signingAlgorithm: ALGORITHM,
      keys: keyPair(privateKey),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        ...(handOvers.length > 0 ? [new Extension(HAND_OVERS_OID, false, encodeHandOvers(handOvers))] : []),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** The certificate that stands above a tracker's group certificates: DER. `name` tells issuers apart. */
export async function makeIssuerCertificate(privateKey: KeyObject, name: string, nowMs: number): Promise<Buffer> {
  const keys = keyPair(privateKey);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerial(),
      name: issuerName(name),
      notBefore: new Date(nowMs - 86_400_000),
      notAfter: new Date(nowMs + FOREVER_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return Buffer.from(certificate.rawData);
}

const issuerName = (name: string): string => `CN=peerage issuer ${name}`;

/** Ed25519 SubjectPublicKeyInfo (RFC 8410) but for the key's 32 bytes. */
const SPKI_PREFIX = '302a300506032b6570032100';

export interface Leaf {
  readonly membership: CertifiedMembership;
  /** Raw, as hex. */
  readonly publicKey: string;
  /** Whole seconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Certifies that the holder of a device key is in a group: DER. */
export async function makeLeafCertificate(leaf: Leaf, issuerKey: KeyObject, issuer: string): Promise<Buffer> {
  const { privateKey: signingKey, publicKey: issuerPublicKey } = keyPair(issuerKey);
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject: 'CN=peerage',
      issuer: issuerName(issuer),
      notBefore: new Date(leaf.notBeforeMs),
      notAfter: new Date(leaf.notAfterMs),
      signingAlgorithm: ALGORITHM,
      publicKey: new PublicKey(Buffer.from(SPKI_PREFIX + leaf.publicKey, 'hex')),
      signingKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth]),
        await AuthorityKeyIdentifierExtension.create(issuerPublicKey, false, webcrypto),
        new Extension(MEMBERSHIP_OID, false, encodeMembership(leaf.membership)),
      ],
    },
    webcrypto,
  );
  return Buffer.from(certificate.rawData);
}
