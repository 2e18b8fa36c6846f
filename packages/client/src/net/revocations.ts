import { createHash, type KeyObject, verify, type X509Certificate } from 'node:crypto';
import { type Revoked, revocationStatement, type SignedRevocation } from '@peerage/contract/bare';
import type { PeerConnection } from './peer-connection.ts';

const keyOf = ({ kind, id }: Revoked): string => `${kind} ${id}`;

/** How an issuer is named in revocations: first 16 bytes of SHA-256 over its public key (SPKI). */
export const issuerId = (certificate: X509Certificate): string =>
  createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32);

/** What members tell each other of who counts no more (docs/spec/peer-wire.md, "Revocations"). */
export interface RevocationExchange {
  /** Everything that is known here. */
  known(): readonly SignedRevocation[];
  /** As it came, from somebody whose membership is proven. */
  heard(from: PeerConnection, rows: Uint8Array): void;
}

export interface Heard {
  readonly added: readonly SignedRevocation[];
  /** One of them was not signed by whom it names. */
  readonly isForged: boolean;
}

/** Ids that count no more. Always true: it only grows; what peers say is in it only with a held issuer's signature. */
export class RevocationSet {
  readonly #rows = new Map<string, SignedRevocation>();

  get all(): readonly SignedRevocation[] {
    return [...this.#rows.values()];
  }

  has(revoked: Revoked): boolean {
    return this.#rows.has(keyOf(revoked));
  }

  /** Takes a tracker's word, or this home's own; what of it is new. */
  add(revocations: readonly SignedRevocation[]): SignedRevocation[] {
    const added = revocations.filter((row) => !this.has(row));
    for (const row of added) this.#rows.set(keyOf(row), row);
    return added;
  }

  /**
   * Takes a peer's word; what of it is new. Rows of issuers that are not held (yet) are passed over. It stops at the first row that the issuer it
   * names did not sign; what came before it counts.
   */
  addProven(revocations: readonly SignedRevocation[], issuerKey: (issuer: string) => KeyObject | undefined): Heard {
    const added: SignedRevocation[] = [];
    for (const row of revocations) {
      const key = this.has(row) ? undefined : issuerKey(row.issuer);
      if (key === undefined) continue;
      const signature = Buffer.from(row.signature, 'hex');
      if (!verify(null, revocationStatement(row), key, signature)) return { added, isForged: true };
      added.push(...this.add([row]));
    }
    return { added, isForged: false };
  }
}
