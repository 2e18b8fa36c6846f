import { createHash, type KeyObject, sign } from 'node:crypto';
import { join } from 'node:path';
import { type CertifiedMembership, revocationStatement, type SignedRevocation } from '@peerage/contract';
import type { Revocation } from '../domain/revoke.ts';
import { certificateLimits } from '../limits.ts';
import type { Writer } from '../store/writer.ts';
import { keyInFile, spkiOf } from '../tls/key-file.ts';

const wholeSecond = (timeMs: number): number => Math.floor(timeMs / 1_000) * 1_000;

export interface IssuedCertificate {
  readonly certificate: Buffer;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** This tracker's issuer of group certificates: a key of its own in the data folder, whose certificate is published as a row for all trackers. */
export class Issuer {
  /** How long a certificate is valid. */
  readonly lifeMs: number;
  readonly #key: KeyObject;
  readonly #id: string;
  readonly #writer: Writer;
  #published: Promise<unknown> | undefined;

  constructor(dataDir: string, lifeMs: number, writer: Writer) {
    this.lifeMs = lifeMs;
    this.#writer = writer;
    this.#key = keyInFile(join(dataDir, 'issuer-key.pem'));
    this.#id = createHash('sha256').update(spkiOf(this.#key)).digest('hex').slice(0, 32);
  }

  /** Makes sure that others can know this issuer before they see a certificate of it. */
  async publish(nowMs: number): Promise<void> {
    this.#published ??= this.#publish(nowMs);
    try {
      await this.#published;
    } catch (error) {
      this.#published = undefined; // the store could not write: the next one tries again
      throw error;
    }
  }

  async issue(publicKey: string, membership: CertifiedMembership, nowMs: number): Promise<IssuedCertificate> {
    const { makeLeafCertificate } = await import('./make-certificates.ts');
    const notBeforeMs = wholeSecond(nowMs - certificateLimits.backMs);
    const notAfterMs = wholeSecond(nowMs + this.lifeMs);
    const leaf = { membership, publicKey, notBeforeMs, notAfterMs };
    return { certificate: await makeLeafCertificate(leaf, this.#key, this.#id), notBeforeMs, notAfterMs };
  }

  /** This tracker's word for it, with which anybody may pass it on. */
  attest(revocation: Revocation): SignedRevocation {
    const signature = sign(null, revocationStatement(revocation), this.#key).toString('hex');
    return { ...revocation, issuer: this.#id, signature };
  }

  async #publish(nowMs: number): Promise<void> {
    const id = this.#id;
    if (await this.#writer.run('isIssuer', { id })) return;
    const { makeIssuerCertificate } = await import('./make-certificates.ts');
    const certificate = (await makeIssuerCertificate(this.#key, id, nowMs)).toString('base64');
    await this.#writer.run('publishIssuer', { id, certificate });
  }
}
