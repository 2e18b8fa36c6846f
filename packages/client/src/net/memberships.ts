import { constants, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { PeerageError, parseRevocations, type Revoked, type SignedRevocation } from '@peerage/contract/bare';
import { type GroupCertificate, parseGroupCertificate } from './group-certificate.ts';
import { Refusal, type RefusalCode } from './refusal.ts';
import { type Heard, issuerId, RevocationSet } from './revocations.ts';
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
  /** DER of every issuer that counts, replacing the earlier set. */
  readonly issuers: readonly Uint8Array[];
  /** DER of issuers that are out for ever. */
  readonly retired: readonly Uint8Array[];
  readonly notAfterMs: number;
  readonly nowMs: number;
}

interface Own {
  readonly membership: Membership;
  /** Ours: from when it came to when it ends. */
  readonly lifeMs: number;
  readonly certificate: GroupCertificate;
  context: SecureContext;
}

/** TLS as every link between peers has it. AES-128-GCM first: the fastest on hardware that has it. */
export const peerTls = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const;

const revokedCodes: Record<Revoked['kind'], RefusalCode> = {
  application: 'revoked_application',
  login: 'revoked_login',
  device: 'revoked_device',
};

const revokedKinds = ['application', 'login', 'device'] as const;

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
 * Always true: a revoked id and a retired issuer never count again, our own neither; `judge` and `recheck` are the only places that let a certificate in.
 */
export class Memberships {
  readonly clock: TrackerClock;
  readonly #own = new Map<string, Own>();
  /** By SHA-256 of the certificate. */
  #issuers = new Map<string, X509Certificate>();
  readonly #retired = new Map<string, X509Certificate>();
  /** By the id that revocations name them with. */
  readonly #issuerKeys = new Map<string, KeyObject>();
  readonly #revocations = new RevocationSet();
  /** Devices that passed on a revocation that nobody signed. */
  readonly #barred = new Set<string>();
  readonly #watchers = new Set<() => void>();

  constructor(clock: TrackerClock) {
    this.clock = clock;
  }

  /** Throws the system's error where certificate and key do not belong together. */
  set(membership: Membership): void {
    this.clock.set(membership.nowMs);
    const changed = this.#setIssuers(membership);
    const certificate = parseGroupCertificate(membership.certificate);
    // A tracker that lags certifies whom another one has put out.
    if (this.#revokedIn(certificate) === undefined) {
      this.#own.set(membership.group, {
        membership,
        lifeMs: membership.notAfterMs - membership.nowMs,
        certificate,
        context: this.#contextOf(membership),
      });
    }
    if (!changed) return;
    for (const own of this.#own.values()) own.context = this.#contextOf(own.membership);
    this.#changed();
  }

  /** Issuers that are out for ever: DER. */
  retire(ders: readonly Uint8Array[]): void {
    const issuers = [...this.#issuers.values()].map((issuer) => issuer.raw);
    if (!this.#setIssuers({ issuers, retired: ders })) return;
    for (const own of this.#own.values()) own.context = this.#contextOf(own.membership);
    this.#changed();
  }

  /** Somebody else is logged in, or nobody: our certificates are gone; what is revoked and retired stays so. */
  clear(): void {
    this.#own.clear();
  }

  /** We are in that group no more, or nothing of it is shared or fetched here. */
  drop(group: string): void {
    if (this.#own.delete(group)) this.#changed();
  }

  /** All that is revoked. */
  get revocations(): readonly SignedRevocation[] {
    return this.#revocations.all;
  }

  /** A tracker says so, or it was known here before; what of it is new. */
  revoke(revocations: readonly SignedRevocation[]): readonly SignedRevocation[] {
    const added = this.#revocations.add(revocations);
    if (added.length > 0) this.#haveEnded();
    return added;
  }

  /** A peer says so (docs/spec/peer-wire.md, "Revocations"); what of it is new. A device that says what no tracker signed is not believed in anything any more. */
  hear(device: string, rows: Uint8Array): readonly SignedRevocation[] {
    const { added, isForged } = this.#prove(rows);
    if (isForged) this.#barred.add(device);
    if (isForged || added.length > 0) this.#haveEnded();
    return added;
  }

  get issuerCount(): number {
    return this.#issuers.size;
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
    if (!this.#own.has(certificate.group)) throw new Refusal('no_membership', 'this side is in the group no more');
    if (this.#barred.has(certificate.device)) {
      throw new Refusal('bad_revocation', 'the device passed on a revocation that no tracker signed');
    }
    this.#checkIssuer(certificate, nowMs);
    const kind = this.#revokedIn(certificate);
    if (kind) throw new Refusal(revokedCodes[kind], `the ${kind} that the certificate names is revoked`);
    if (!(nowMs >= certificate.notBeforeMs)) throw new Refusal('not_yet_valid', 'the certificate is not valid yet');
    if (!(nowMs < certificate.notAfterMs)) throw new Refusal('expired', 'the certificate has ended');
  }

  #revokedIn(certificate: GroupCertificate): Revoked['kind'] | undefined {
    return revokedKinds.find((kind) => this.#revocations.has({ kind, id: certificate[kind] }));
  }

  /** Something was revoked: whatever of ours is among it counts no more. */
  #haveEnded(): void {
    for (const [group, { certificate }] of this.#own) if (this.#revokedIn(certificate)) this.#own.delete(group);
    this.#changed();
  }

  #prove(rows: Uint8Array): Heard {
    try {
      return this.#revocations.addProven(parseRevocations(rows), (issuer) => this.#issuerKeys.get(issuer));
    } catch (error) {
      if (error instanceof PeerageError) return { added: [], isForged: true };
      throw error;
    }
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
  #setIssuers(told: Pick<Membership, 'issuers' | 'retired'>): boolean {
    for (const der of told.retired) {
      const issuer = new X509Certificate(der);
      this.#retired.set(issuer.fingerprint256, issuer);
    }
    const issuers = new Map<string, X509Certificate>();
    for (const der of told.issuers) {
      const issuer = new X509Certificate(der);
      if (!this.#retired.has(issuer.fingerprint256)) issuers.set(issuer.fingerprint256, issuer);
    }
    const before = this.#issuers;
    this.#issuers = issuers;
    this.#issuerKeys.clear();
    for (const issuer of issuers.values()) this.#issuerKeys.set(issuerId(issuer), issuer.publicKey);
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
