import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { keyInFile, readIfThere, spkiOf, writeWhole } from './key-file.ts';

/** What the tracker's port shows to everybody who connects. */
export interface PortIdentity {
  readonly key: KeyObject;
  /** PEM, self-signed: clients look at its key only. */
  readonly certificate: string;
  /** SHA-256 of the public key (SPKI, DER): 32 bytes. */
  readonly pin: Buffer;
}

/** The identity kept in a data folder, made at the first start. */
export async function portIdentityIn(dataDir: string): Promise<PortIdentity> {
  const key = keyInFile(join(dataDir, 'tls-key.pem'));
  const spki = spkiOf(key);
  const pin = createHash('sha256').update(spki).digest();
  const path = join(dataDir, 'tls-certificate.pem');
  const kept = readIfThere(path);
  if (kept !== undefined && isOf(kept, spki)) return { key, certificate: kept, pin };
  const { makePortCertificate } = await import('../certificates/make-certificates.ts');
  const certificate = await makePortCertificate(key, Date.now());
  writeWhole(path, certificate);
  return { key, certificate, pin };
}

function isOf(certificate: string, spki: Buffer): boolean {
  try {
    return spki.equals(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }));
  } catch {
    return false; // no certificate: a new one is made for the key
  }
}
