import { X509Certificate as Openssl } from 'node:crypto';
import { type CertifiedMembership, MEMBERSHIP_OID, parseMembership } from '@peerage/contract/bare';
import { extensionsOf } from '../certificate-extensions.ts';
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
    const openssl = new Openssl(der);
    const [extension, more] = extensionsOf(der, MEMBERSHIP_OID);
    if (extension === undefined || more !== undefined || openssl.ca) throw new Error('it names no membership');
    const membership = parseMembership(extension);
    const [notBeforeMs, notAfterMs] = [openssl.validFromDate.getTime(), openssl.validToDate.getTime()];
    if (!Number.isFinite(notBeforeMs) || !Number.isFinite(notAfterMs)) throw new Error('it has no dates');
    return { ...membership, notBeforeMs, notAfterMs, openssl };
  } catch (error) {
    throw new Refusal(
      'malformed_certificate',
      `the certificate is none of a group: ${error instanceof Error ? error.message : error}`,
    );
  }
}
