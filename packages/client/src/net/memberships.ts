import { constants, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type GroupCertificate, parseGroupCertificate } from './group-certificate.ts';
import { Refusal, type RefusalCode } from './refusal.ts';
import { dayOf, serverNameOf } from './server-name.ts';
import type { TrackerClock } from './tracker-clock.ts';

/** What a tracker gave for one group of ours. */
export interface Membership {
  /** 32 hex digits, like every id here. */
  readonly group: string;
  /** DER. */
  readonly certificate: Uint8Array;
  /** PKCS#8 PEM of the device key that is certified. */
  readonly key: string;
  readonly labelKey: Uint8Array;
  /** DER of every issuer that counts, replacing the earlier set: who is left out is retired, for ever. */
  readonly issuers: readonly Uint8Array[];
  readonly notAfterMs: number;
  readonly nowMs: number;
}

/** What a revocation names: an id that certificates carry. */
export interface Revocation {
  readonly kind: 'application' | 'login' | 'device';
  readonly id: string;
}

interface Own {
  readonly membership: Membership;
  /** Ours: from when it came to when it ends. */
  readonly lifeMs: number;
  context: SecureContext;
}

/** TLS as every link between peers has it. AES-128-GCM first: the fastest on hardware that has it. */
export const peerTls = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const;

const revokedCodes: Record<Revocation['kind'], RefusalCode> = {
  application: 'revoked_application',
  login: 'revoked_login',
  device: 'revoked_device',
};

/**
 * How long before the end the next connection is made: 5 min of an hour. Where certificates live for seconds (tests) it is a quarter of the life, so
 * that both sides have renewed theirs by then (at 0.6 of the life at the latest, library/certificates.ts) and a handshake has its time.
 */
const takeOverMs = (lifeMs: number): number => Math.min(300_000, Math.max(lifeMs / 12, Math.min(2000, lifeMs / 4)));

/** OpenSSL judges dates by this machine's clock; here the trackers' clock decides. */
const dateErrors: readonly unknown[] = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];

/**
 * Our certificates by group, and who is to be believed: issuers, revocations, time.
 *
 * Always true: a revoked id and a retired issuer never count again; `judge` and `recheck` are the only places that let a certificate in.
 */
export class Memberships {
  readonly clock: TrackerClock;
  readonly #own = new Map<string, Own>();
  /** By SHA-256 of the certificate. */
  #issuers = new Map<string, X509Certificate>();
  readonly #retired = new Map<string, X509Certificate>();
  readonly #revoked = new Set<string>();
  readonly #watchers = new Set<() => void>();

  constructor(clock: TrackerClock) {
    this.clock = clock;
  }

  /** Throws the system's error where certificate and key do not belong together. */
  set(membership: Membership): void {
    this.clock.set(membership.nowMs);
    const changed = this.#setIssuers(membership.issuers);
    this.#own.set(membership.group, {
      membership,
      lifeMs: membership.notAfterMs - membership.nowMs,
      context: this.#contextOf(membership),
    });
    if (!changed) return;
    for (const own of this.#own.values()) own.context = this.#contextOf(own.membership);
    this.#changed();
  }

  /** Somebody else is logged in, or nobody: our certificates are gone; what is revoked and retired stays so. */
  clear(): void {
    this.#own.clear();
  }

  revoke(revoked: readonly Revocation[]): void {
    for (const { kind, id } of revoked) this.#revoked.add(`${kind} ${id}`);
    this.#changed();
  }

  /** Called after every change that may end connections, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Our certificate for the group counts now. */
  has(group: string): boolean {
    const own = this.#own.get(group);
    return own !== undefined && this.clock.now() < own.membership.notAfterMs;
  }

  /** What a dialer needs; undefined without a certificate of our own that counts now. */
  toDial(group: string): { readonly context: SecureContext; readonly serverName: string } | undefined {
    const own = this.#own.get(group);
    if (own === undefined || !this.has(group)) return undefined;
    return { context: own.context, serverName: serverNameOf(own.membership.labelKey, dayOf(this.clock.now())) };
  }

  /** The group that is meant by a server name of yesterday, today or tomorrow. */
  named(serverName: string): { readonly group: string; readonly context: SecureContext } | undefined {
    const today = dayOf(this.clock.now());
    for (const [group, { membership, context }] of this.#own) {
      if (!this.has(group)) continue;
      for (const day of [today, today - 1, today + 1]) {
        if (serverNameOf(membership.labelKey, day) === serverName) return { group, context };
      }
    }
    return undefined;
  }

  /** When a connection with that certificate ends, and when the dialer makes the next one; both by the monotonic clock. */
  timesOf(certificate: GroupCertificate): { readonly endsAtMs: number; readonly renewAtMs: number } {
    const own = this.#own.get(certificate.group);
    const notAfterMs = Math.min(certificate.notAfterMs, own?.membership.notAfterMs ?? 0);
    const endsAtMs = this.clock.toMonotonic(notAfterMs);
    return { endsAtMs, renewAtMs: endsAtMs - takeOverMs(own?.lifeMs ?? 0) };
  }

  /**
   * The certificate that the other side showed and proved to hold, on a connection that means `group`. Throws Refusal.
   * `chainError`: what OpenSSL said of the chain, null where it agreed.
   */
  judge(der: Uint8Array | undefined, group: string, chainError: unknown): GroupCertificate {
    if (der === undefined) throw new Refusal('no_certificate', 'the other side shows no certificate');
    const certificate = parseGroupCertificate(der);
    if (certificate.group !== group) throw new Refusal('wrong_group', 'a certificate of another group');
    this.recheck(certificate);
    if (chainError !== null && !dateErrors.includes(chainError)) {
      throw new Refusal('unknown_issuer', `the certificate's chain does not hold (${String(chainError)})`);
    }
    return certificate;
  }

  /** Everything that may change while a connection is open. Throws Refusal. */
  recheck(certificate: GroupCertificate): void {
    const nowMs = this.clock.now();
    this.#checkIssuer(certificate, nowMs);
    for (const kind of ['application', 'login', 'device'] as const) {
      if (this.#revoked.has(`${kind} ${certificate[kind]}`)) {
        throw new Refusal(revokedCodes[kind], `the ${kind} that the certificate names is revoked`);
      }
    }
    if (!(nowMs >= certificate.notBeforeMs)) throw new Refusal('not_yet_valid', 'the certificate is not valid yet');
    if (!(nowMs < certificate.notAfterMs)) throw new Refusal('expired', 'the certificate has ended');
  }

  #checkIssuer({ openssl }: GroupCertificate, nowMs: number): void {
    const signed = (issuer: X509Certificate) => openssl.checkIssued(issuer) && openssl.verify(issuer.publicKey);
    for (const issuer of this.#retired.values()) {
      if (signed(issuer)) throw new Refusal('retired_issuer', 'the issuer of the certificate is retired');
    }
    const issuer = [...this.#issuers.values()].find(signed);
    if (issuer === undefined) throw new Refusal('unknown_issuer', 'no tracker of ours issued the certificate');
    if (nowMs >= Date.parse(issuer.validTo)) {
      throw new Refusal('unknown_issuer', "the time of the certificate's issuer is over");
    }
  }

  /** True where it is another set than before. */
  #setIssuers(ders: readonly Uint8Array[]): boolean {
    const issuers = new Map<string, X509Certificate>();
    for (const der of ders) {
      const issuer = new X509Certificate(der);
      if (!this.#retired.has(issuer.fingerprint256)) issuers.set(issuer.fingerprint256, issuer);
    }
    const before = this.#issuers;
    for (const [mark, issuer] of before) if (!issuers.has(mark)) this.#retired.set(mark, issuer);
    this.#issuers = issuers;
    return before.size !== issuers.size || [...issuers.keys()].some((mark) => !before.has(mark));
  }

  #contextOf({ certificate, key }: Membership): SecureContext {
    return createSecureContext({
      ...peerTls,
      cert: new X509Certificate(certificate).toString(),
      key,
      ca: [...this.#issuers.values()].map((issuer) => issuer.toString()),
    });
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
