import { type ControlEvent, PeerageError } from '@peerage/contract';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { TrackerLink } from '../tracker-link/tracker-link.ts';
import type { Identity } from './identities.ts';
import type { Revocations } from './revocations.ts';

/** Renewed at half of the life, up to 20 % of that sooner or later, so that not all clients ask at once; never in a rush, however short the life. */
const RENEWAL = { atShare: 0.5, jitter: 0.2, soonestMs: 250 };
/** While no tracker answers. */
const RETRY = { firstMs: 250, lastMs: 30_000 };
/** Groups that no tracker certifies for long are asked for so often. */
const MOST_BETWEEN_MS = 30 * 60_000;
const MAX_GROUPS = 1000;
const ISSUERS_EVERY_MS = 30_000;

export interface CertificatesPorts {
  readonly link: Pick<TrackerLink, 'call'>;
  readonly engine: Pick<EngineThread, 'request'>;
  readonly revocations: Pick<Revocations, 'toldAll'>;
  readonly tell: (event: ControlEvent) => void;
  /** Groups in which this device offers a share or runs a download. */
  readonly groups: () => ReadonlySet<string>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Keeps the engine's group certificates fresh: all groups in one request, renewed at half life.
 * Always true: one request is under way at a time, one timer runs for the next, and neither without somebody logged in. A certificate that a tracker does not renew counts until it
 * ends: that tracker may lag behind the one that gave it. What ends one sooner is a revocation, or word of the group itself.
 */
export class Certificates {
  readonly #ports: CertificatesPorts;
  /** When each group's certificate ends, by the monotonic clock. */
  readonly #ends = new Map<string, number>();
  #account: Identity | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #dueMs = Number.POSITIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #askedForIssuersMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** Requests in a row whose answer left a group out. */
  #leftOut = 0;
  /** What it is about changed while a request was under way. */
  #again = false;
  #told = false;

  constructor(ports: CertificatesPorts) {
    this.#ports = ports;
  }

  /** Resolves when the first request is over, well or not. */
  async start(account: Identity): Promise<void> {
    this.stop();
    this.#account = account;
    await this.#ask();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#account = undefined;
    this.#ends.clear();
    this.#failures = 0;
    this.#leftOut = 0;
    this.#again = false;
    this.#told = false;
  }

  /** What is shared or fetched may have changed: a group without a certificate is asked for now. */
  changed(): void {
    if (this.#account === undefined) return;
    if ([...this.#ports.groups()].some((group) => !this.#ends.has(group))) void this.#ask();
  }

  /** Standing in a group changed: what was given before may not count any more. */
  renew(): void {
    this.#leftOut = 0;
    this.#again = this.#asking !== undefined;
    void this.#ask();
  }

  /** Issuers changed: asked for again at some moment within that time, so that not all clients ask at once. */
  renewWithin(withinMs: number): void {
    const delayMs = Math.random() * withinMs;
    if (this.#account !== undefined && performance.now() + delayMs < this.#dueMs) this.#askIn(this.#account, delayMs);
  }

  /** Somebody showed a certificate of an issuer that is not known here: a tracker may have a new one. Strangers can make this happen, so it is asked for now and then only. */
  issuerUnknown(): void {
    const nowMs = performance.now();
    if (nowMs < this.#askedForIssuersMs + ISSUERS_EVERY_MS) return;
    this.#askedForIssuersMs = nowMs;
    void this.#ask();
  }

  /** This user is in the group no more: the certificate counts no more, here either. */
  async left(group: string): Promise<void> {
    this.#ends.delete(group);
    await this.#ports.engine.request({ type: 'membership_ended', group });
  }

  async #ask(): Promise<void> {
    if (this.#asking !== undefined) {
      await this.#asking;
      if (!this.#again) return this.changed();
      this.#again = false;
      return this.#ask();
    }
    this.#asking = this.#request().finally(() => {
      this.#asking = undefined;
    });
    await this.#asking;
  }

  async #request(): Promise<void> {
    const account = this.#account;
    if (account === undefined) return;
    clearTimeout(this.#timer);
    const groups = [...this.#ports.groups()].slice(0, MAX_GROUPS);
    try {
      for (const group of this.#ends.keys()) if (!groups.includes(group)) await this.left(group);
      if (groups.length === 0) return;
      const lifeMs = await this.#renew(account, groups);
      this.#failures = 0;
      this.#told = false;
      const jitter = 1 + RENEWAL.jitter * (2 * Math.random() - 1);
      const renewalMs = Math.max(RENEWAL.soonestMs, lifeMs * RENEWAL.atShare * jitter);
      const soonMs =
        this.#leftOut === 0 ? Number.POSITIVE_INFINITY : Math.min(MOST_BETWEEN_MS, RETRY.firstMs * 2 ** this.#leftOut);
      this.#askIn(account, Math.min(renewalMs, soonMs));
    } catch (error) {
      if (this.#account !== account) return;
      if (!(error instanceof PeerageError && error.code === 'tracker_unreachable')) this.#ports.onFailure(error);
      this.#tellWhenOver();
      this.#askIn(account, Math.min(RETRY.lastMs, RETRY.firstMs * 2 ** this.#failures++));
    }
  }

  /** Resolves to the shortest life given. */
  async #renew(account: Identity, groups: string[]): Promise<number> {
    const answer = await this.#ports.link.call('certificates', { body: { groups } });
    if (this.#account !== account) return Number.POSITIVE_INFINITY;
    await this.#ports.revocations.toldAll(answer.revoked, answer.nowMs);
    const [issuers, retired] = [answer.issuers, answer.retiredIssuers].map((ders) =>
      ders.map((der) => Buffer.from(der, 'base64')),
    ) as [Buffer[], Buffer[]];
    let lifeMs = Number.POSITIVE_INFINITY;
    const certified = new Set(answer.certificates.map(({ group }) => group));
    for (const group of groups) {
      const endMs = this.#ends.get(group) ?? 0;
      if (!certified.has(group) && endMs <= performance.now()) await this.left(group);
      if (!this.#ends.has(group)) this.#ends.set(group, performance.now()); // asked for, and nothing to wait for
    }
    this.#leftOut = groups.every((group) => certified.has(group)) ? 0 : this.#leftOut + 1;
    for (const { group, certificate, labelKey, notAfterMs } of answer.certificates) {
      if (this.#account !== account) return Number.POSITIVE_INFINITY;
      await this.#ports.engine.request({
        type: 'membership',
        membership: {
          group,
          certificate: Buffer.from(certificate, 'base64'),
          key: account.key.pem,
          labelKey: Buffer.from(labelKey, 'hex'),
          issuers,
          retired,
          notAfterMs,
          nowMs: answer.nowMs,
        },
      });
      this.#ends.set(group, performance.now() + notAfterMs - answer.nowMs);
      lifeMs = Math.min(lifeMs, notAfterMs - answer.nowMs);
    }
    return lifeMs;
  }

  #tellWhenOver(): void {
    const nowMs = performance.now();
    if (this.#told || ![...this.#ends.values()].some((endMs) => endMs <= nowMs)) return;
    this.#told = true;
    const message =
      "[W] membership can't be renewed: no tracker answers, so other members can't be reached; it goes on when one does";
    this.#ports.tell({ type: 'notice', message });
  }

  #askIn(account: Identity, delayMs: number): void {
    if (this.#account !== account || delayMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#dueMs = performance.now() + delayMs;
    this.#timer = setTimeout(() => void this.#ask(), delayMs);
  }
}
