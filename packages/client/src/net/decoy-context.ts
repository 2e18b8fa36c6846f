import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { encodeMembership, MEMBERSHIP_OID } from '@peerage/contract/bare';
import { peerTls } from './memberships.ts';

const algorithm = { name: 'Ed25519' };
const BACK_MS = 300_000;
const LIFE_MS = 3_600_000;
const YEAR_MS = 365 * 86_400_000;

const id = (): string => randomBytes(16).toString('hex');
/** Positive and without leading zeros, like the trackers'. */
const serial = (): string => `4${id().slice(1)}`;
const newKeys = async () =>
  (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;

/** Of the form that trackers give (docs/spec/tracker-api.md), below as many issuers as are given. Loaded only where one is shown: the library takes 0.2 s to start. */
export async function makeDecoyContext(issuers: number): Promise<SecureContext> {
  const all = await Promise.all(Array.from({ length: Math.max(1, issuers) }, makeIssuer));
  const { cert, key } = await makeLeaf(all[0]!);
  return createSecureContext({ ...peerTls, cert, key, ca: all.map(({ pem }) => pem) });
}

interface Issuer {
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly pem: string;
}

async function makeIssuer(): Promise<Issuer> {
  const [name, keys] = [`CN=peerage issuer ${id()}`, await newKeys()];
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serial(),
      name,
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 100 * YEAR_MS),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { name, keys, pem: certificate.toString('pem') };
}

async function makeLeaf(issuer: Issuer): Promise<{ cert: string; key: string }> {
  const keys = await newKeys();
  const wholeSecond = (timeMs: number) => new Date(Math.floor(timeMs / 1000) * 1000);
  const member = { group: id(), user: id(), device: id(), application: id(), login: id() };
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serial(),
      subject: 'CN=peerage',
      issuer: issuer.name,
      notBefore: wholeSecond(Date.now() - BACK_MS),
      notAfter: wholeSecond(Date.now() + LIFE_MS),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: issuer.keys.privateKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth]),
        await AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey, false, webcrypto),
        new Extension(MEMBERSHIP_OID, false, encodeMembership(member)),
      ],
    },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
  return { cert: certificate.toString('pem'), key };
}
