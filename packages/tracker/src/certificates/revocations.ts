import { verify, X509Certificate } from 'node:crypto';
import { PeerageError, type Revoked, revocationStatement, type SignedRevocation } from '@peerage/contract';
import type { Entity } from '../domain/entities.ts';
import { parseRevocation, type Revocation, revocationsIn } from '../domain/revoke.ts';
import type { Put } from '../domain/rule.ts';
import type { Writer } from '../store/writer.ts';
import type { Issuer } from './issuer.ts';

/** Others' clocks may be so much ahead. */
const AHEAD_MS = 300_000;

const keyOf = ({ kind, id }: Revoked): string => `${kind} ${id}`;

/** The revocations that a certificate could still carry, in memory, with this tracker's signature. Follows the rows. */
export class Revocations {
  readonly #rows = new Map<string, SignedRevocation>();
  readonly #issuer: Issuer;
  readonly #writer: Writer;

  constructor(issuer: Issuer, writer: Writer) {
    this.#issuer = issuer;
    this.#writer = writer;
  }

  /** Takes what was written before, at the start. */
  load(rows: readonly Revocation[]): void {
    for (const row of rows) this.#add(row);
  }

  /** Takes changed rows; what of them is new. */
  rowsChanged(puts: readonly Put<Entity>[]): SignedRevocation[] {
    for (const { entity, key, value } of puts) {
      if (entity === 'revocation' && value === null) this.#rows.delete(keyOf(parseRevocation(key)));
    }
    return revocationsIn(puts)
      .filter((row) => !this.#rows.has(keyOf(row)))
      .map((row) => this.#add(row));
  }

  /** All that are kept: a row goes when every listed tracker has had it for longer than a certificate lives. */
  all(): SignedRevocation[] {
    return [...this.#rows.values()].map((row) => this.#fresh(row));
  }

  /** What a command revoked, signed. */
  signed(revocations: readonly Revocation[]): SignedRevocation[] {
    return revocations.map((row) => this.#fresh(this.#rows.get(keyOf(row)) ?? this.#issuer.attest(row)));
  }

  /**
   * Takes others' words; which of them this tracker has now: one of an issuer that it does not know (yet), or from the future, it can't take. Refuses
   * (`protocol`) at the first bad signature, with nothing of what comes behind it.
   */
  async take(revocations: readonly SignedRevocation[], nowMs: number): Promise<Revoked[]> {
    const issuers = await this.#writer.run('issuersById', {});
    const has: Revoked[] = [];
    for (const revocation of revocations) {
      const { kind, id, atMs, issuer, signature } = revocation;
      if (!this.#rows.has(keyOf(revocation))) {
        const certificate = Object.hasOwn(issuers, issuer) ? issuers[issuer] : undefined;
        if (certificate === undefined || atMs > nowMs + AHEAD_MS) continue;
        const key = new X509Certificate(Buffer.from(certificate, 'base64')).publicKey;
        if (!verify(null, revocationStatement(revocation), key, Buffer.from(signature, 'hex'))) {
          throw new PeerageError('protocol', 'a revocation is not signed by the tracker that it names');
        }
        const holder = await this.#writer.run('holderOf', { kind, id });
        await this.#writer.run('takeRevocation', { kind, id, holder });
      }
      has.push({ kind, id });
    }
    return has;
  }

  /** Signed by the issuer of now: who hears it later may know the one before no more. */
  #fresh(row: SignedRevocation): SignedRevocation {
    if (row.issuer === this.#issuer.id) return row;
    return this.#add({ kind: row.kind, id: row.id, atMs: row.atMs });
  }

  #add(row: Revocation): SignedRevocation {
    const signed = this.#issuer.attest(row);
    this.#rows.set(keyOf(row), signed);
    return signed;
  }
}
