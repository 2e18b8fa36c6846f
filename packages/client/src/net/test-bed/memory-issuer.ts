import 'reflect-metadata';
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  PublicKey,
  X509CertificateGenerator,
} from '@peculiar/x509';
import {
  type CertifiedMembership,
  encodeMembership,
  MEMBERSHIP_OID,
  type Revoked,
  revocationStatement,
  type SignedRevocation,
} from '@peerage/contract';
import type { Membership } from '../memberships.ts';
import { issuerId } from '../revocations.ts';

const id = () => randomBytes(16).toString('hex');

export interface TestCertificate {
  readonly member: CertifiedMembership;
  readonly der: Uint8Array;
  readonly pem: string;
  readonly key: string;
  readonly notAfterMs: number;
}

/** A label key for each group, as long as the test runs. */
export const labelKeyOf = (group: string): Uint8Array => createHash('sha256').update(group).digest();

/** What a tracker gives to the holder of that certificate. */
export function membershipOf(
  certificate: TestCertificate,
  issuers: readonly MemoryIssuer[],
  nowMs = Date.now(),
  retired: readonly MemoryIssuer[] = [],
): Membership {
  const { member, der, key, notAfterMs } = certificate;
  const { group } = member;
  const trusted = issuers.map((issuer) => issuer.der);
  return {
    group,
    certificate: der,
    key,
    labelKey: labelKeyOf(group),
    issuers: trusted,
    retired: retired.map((issuer) => issuer.der),
    notAfterMs,
    nowMs,
  };
}

/** A tracker's issuer as far as peers see it: certificates for whatever a test asks. */
export class MemoryIssuer {
  readonly der: Uint8Array;
  readonly #name: string;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(der: Uint8Array, name: string, keys: webcrypto.CryptoKeyPair) {
    this.der = der;
    this.#name = name;
    this.#keys = keys;
  }

  static async make(): Promise<MemoryIssuer> {
    const keys = (await webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    const name = `CN=issuer ${id()}`;
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name,
      keys,
      signingAlgorithm: 'Ed25519',
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 86_400_000),
      extensions: [new BasicConstraintsExtension(true, 0, true)],
    });
    return new MemoryIssuer(new Uint8Array(certificate.rawData), name, keys);
  }

  /** Its word that an id counts no more. */
  async revoke(revoked: Revoked, atMs = Date.now()): Promise<SignedRevocation> {
    const statement = revocationStatement({ ...revoked, atMs });
    const signature = Buffer.from(await webcrypto.subtle.sign('Ed25519', this.#keys.privateKey, statement));
    const issuer = issuerId(new X509Certificate(this.der));
    return { ...revoked, atMs, issuer, signature: signature.toString('hex') };
  }

  /** `stolen`: the key that the holder has is not the one that is certified. */
  async certify(
    named: Partial<CertifiedMembership> & { readonly group: string },
    times: { readonly fromMs?: number; readonly toMs?: number } = {},
    options: { readonly stolen?: boolean } = {},
  ): Promise<TestCertificate> {
    const member = { user: id(), device: id(), application: id(), login: id(), ...named };
    const { publicKey, privatePem } = options.stolen ? stolenKey() : ownKey();
    const notAfter = new Date(Math.floor((Date.now() + (times.toMs ?? 3_600_000)) / 1000) * 1000);
    const certificate = await X509CertificateGenerator.create({
      issuer: this.#name,
      subject: 'CN=peerage',
      publicKey: new PublicKey(publicKey),
      signingKey: this.#keys.privateKey,
      signingAlgorithm: 'Ed25519',
      notBefore: new Date(Date.now() + (times.fromMs ?? -300_000)),
      notAfter,
      extensions: [
        new Extension(MEMBERSHIP_OID, false, encodeMembership(member)),
        new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']),
      ],
    });
    const der = new Uint8Array(certificate.rawData);
    const pem = new X509Certificate(der).toString();
    return { member, der, pem, key: privatePem, notAfterMs: notAfter.getTime() };
  }
}

function ownKey(): { publicKey: Uint8Array<ArrayBuffer>; privatePem: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** The victim's public half with another private half, in one file: OpenSSL loads it, so only the handshake can tell. */
function stolenKey(): ReturnType<typeof ownKey> {
  const victim = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const thief = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const d = thief.export({ format: 'jwk' }).d!;
  // A JWK carries both halves, and nobody compares them.
  const mixed = createPrivateKey({ key: { ...victim.export({ format: 'jwk' }), d }, format: 'jwk' });
  return {
    publicKey: new Uint8Array(victim.export({ type: 'spki', format: 'der' })),
    privatePem: mixed.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
