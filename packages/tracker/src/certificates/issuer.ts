import { createHash, type KeyObject, sign } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type CertifiedMembership, PeerageError, revocationStatement, type SignedRevocation } from '@peerage/contract';
import type { Entities, Entity } from '../domain/entities.ts';
import type { IssuerFacts } from '../domain/issuers.ts';
import type { Revocation } from '../domain/revoke.ts';
import type { Put } from '../domain/rule.ts';
import { type CertificateTimes, certificateLimits } from '../limits.ts';
import type { Writer } from '../store/writer.ts';
import { keyInFile, spkiOf } from '../tls/key-file.ts';

const wholeSecond = (timeMs: number): number => Math.floor(timeMs / 1_000) * 1_000;

export interface IssuedCertificate {
  readonly certificate: Buffer;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

interface IssuerKey {
  readonly key: KeyObject;
  /** First 16 bytes of SHA-256 over its public key (SPKI), as hex. */
  readonly id: string;
}

function issuerKeyIn(path: string): IssuerKey {
  const key = keyInFile(path);
  return { key, id: createHash('sha256').update(spkiOf(key)).digest('hex').slice(0, 32) };
}

interface IssuerPlace {
  readonly dataDir: string;
  /** Place of this tracker in the tracker file. */
  readonly tracker: number;
  readonly times: CertificateTimes;
}

/**
 * This tracker's issuer of group certificates: a key of its own in the data folder, whose certificate is a row for all trackers.
 *
 * Always true: no certificate is made by a key that is not published, that ended, or that is retired; the next key is used `issuerLeadMs` after it was
 * published, when everybody had the time to hear of it; the end of a key is on disk before the next one's first certificate.
 */
export class Issuer {
  readonly #place: IssuerPlace;
  readonly #writer: Writer;
  readonly #path: string;
  readonly #nextPath: string;
  #current: IssuerKey;
  #next: IssuerKey | undefined;
  /** Of `#next`, once published. */
  #nextFromMs = Number.POSITIVE_INFINITY;
  #currentSinceMs: number | undefined;
  #retired = false;
  #lastStep: Promise<unknown> = Promise.resolve();

  constructor(place: IssuerPlace, writer: Writer) {
    this.#place = place;
    this.#writer = writer;
    this.#path = join(place.dataDir, 'issuer-key.pem');
    this.#nextPath = join(place.dataDir, 'issuer-key-next.pem');
    this.#current = issuerKeyIn(this.#path);
    if (existsSync(this.#nextPath)) this.#next = issuerKeyIn(this.#nextPath);
  }

  /** How long a certificate is valid. */
  get lifeMs(): number {
    return this.#place.times.lifeMs;
  }

  /** So long after its last certificate an issuer is trusted. */
  get trustMs(): number {
    return this.lifeMs + certificateLimits.slackMs;
  }

  /** Which key signs now. */
  get id(): string {
    return this.#current.id;
  }

  /**
   * To be called before certificates are made, and now and then: publishes this issuer, goes over to the next one when its time has come, and begins the next one
   * when this one's term is over. Throws `tracker_unreachable` where the issuer is retired, so that clients ask another tracker.
   */
  async prepare(nowMs: number): Promise<void> {
    if (this.#isStepDue(nowMs)) await this.#alone(() => this.#step(nowMs));
    if (!this.#retired) return;
    throw new PeerageError(
      'tracker_unreachable',
      'this tracker issues no certificates, since its issuer was retired: its operator can make a new one with rotate_issuer',
    );
  }

  /** Makes the next issuer; resolves to when it will be used, or to null where it is already, since the one before was retired. */
  rotate(nowMs: number): Promise<number | null> {
    return this.#alone(async () => {
      await this.#step(nowMs);
      await this.#beginNext(nowMs);
      if (!this.#retired) return this.#nextFromMs;
      await this.#goOver(nowMs);
      return null;
    });
  }

  /** Follows the rows: another tracker's operator may have retired this issuer. */
  rowsChanged(puts: readonly Put<Entity>[]): void {
    for (const { entity, key, value } of puts) {
      if (entity === 'issuer' && key === this.id && (value as Entities['issuer'] | null)?.retired) this.#retired = true;
    }
  }

  async issue(publicKey: string, membership: CertifiedMembership, nowMs: number): Promise<IssuedCertificate> {
    const { key, id } = this.#current;
    const { makeLeafCertificate } = await import('./make-certificates.ts');
    const notBeforeMs = wholeSecond(nowMs - certificateLimits.backMs);
    const notAfterMs = wholeSecond(nowMs + this.lifeMs);
    const leaf = { membership, publicKey, notBeforeMs, notAfterMs };
    return { certificate: await makeLeafCertificate(leaf, key, id), notBeforeMs, notAfterMs };
  }

  /** This tracker's word for it, with which anybody may pass it on. */
  attest(revocation: Revocation): SignedRevocation {
    const signature = sign(null, revocationStatement(revocation), this.#current.key).toString('hex');
    return { ...revocation, issuer: this.id, signature };
  }

  #isStepDue(nowMs: number): boolean {
    if (this.#currentSinceMs === undefined || nowMs >= this.#nextFromMs) return true;
    return this.#next === undefined && nowMs >= this.#currentSinceMs + this.#place.times.issuerTermMs;
  }

  /** Steps go one after another, whoever asks for them. */
  #alone<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#lastStep.then(step);
    this.#lastStep = done.catch(() => undefined); // told to who asked; the next one tries again
    return done;
  }

  async #step(nowMs: number): Promise<void> {
    if (this.#currentSinceMs === undefined) {
      const facts = await this.#published(this.#current, nowMs);
      this.#retired = facts.retired;
      if (this.#next) await this.#beginNext(nowMs);
      this.#currentSinceMs = facts.publishedAtMs;
    }
    if (nowMs >= this.#nextFromMs) await this.#goOver(nowMs);
    else if (!this.#next && nowMs >= this.#currentSinceMs + this.#place.times.issuerTermMs)
      await this.#beginNext(nowMs);
  }

  async #beginNext(nowMs: number): Promise<void> {
    this.#next ??= issuerKeyIn(this.#nextPath);
    const { publishedAtMs } = await this.#published(this.#next, nowMs);
    this.#nextFromMs = publishedAtMs + this.#place.times.issuerLeadMs;
  }

  async #goOver(nowMs: number): Promise<void> {
    if (!this.#next) return;
    await this.#writer.run('endIssuer', { id: this.id });
    renameSync(this.#nextPath, this.#path);
    this.#current = this.#next;
    this.#next = undefined;
    this.#nextFromMs = Number.POSITIVE_INFINITY;
    this.#currentSinceMs = nowMs;
    this.#retired = false;
  }

  async #published({ key, id }: IssuerKey, nowMs: number): Promise<IssuerFacts> {
    const facts = await this.#writer.run('issuerFacts', { id });
    if (facts) return facts;
    const { makeIssuerCertificate } = await import('./make-certificates.ts');
    const certificate = (await makeIssuerCertificate(key, id, nowMs)).toString('base64');
    await this.#writer.run('publishIssuer', { id, certificate, tracker: this.#place.tracker });
    return (await this.#writer.run('issuerFacts', { id }))!;
  }
}
