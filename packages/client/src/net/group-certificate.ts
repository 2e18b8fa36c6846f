import 'reflect-metadata';
import { X509Certificate as Openssl } from 'node:crypto';
import { X509Certificate } from '@peculiar/x509';
import { type CertifiedMembership, MEMBERSHIP_OID, parseMembership } from '@peerage/contract/bare';
import { Refusal } from './refusal.ts';

/** A group certificate whose issuer is not judged yet. Read from the DER alone; its subject means nothing. */
export interface GroupCertificate extends CertifiedMembership {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly openssl: Openssl;
}

/** Throws Refusal `malformed_certificate` for anything but a leaf with a membership. */
export function parseGroupCertificate(der: Uint8Array): GroupCertificate {
  try {
    const parsed = new X509Certificate(Uint8Array.from(der));
    const extensions = parsed.extensions.filter(({ type }) => type === MEMBERSHIP_OID);
    const openssl = new Openssl(der);
    if (extensions.length !== 1 || openssl.ca) throw new Error('it names no membership');
    const membership = parseMembership(new Uint8Array(extensions[0]!.value));
    const [notBeforeMs, notAfterMs] = [parsed.notBefore.getTime(), parsed.notAfter.getTime()];
    if (!Number.isFinite(notBeforeMs) || !Number.isFinite(notAfterMs)) throw new Error('it has no dates');
    return { ...membership, notBeforeMs, notAfterMs, openssl };
  } catch (error) {
    throw new Refusal(
      'malformed_certificate',
      `the certificate is none of a group: ${error instanceof Error ? error.message : error}`,
    );
  }
}
