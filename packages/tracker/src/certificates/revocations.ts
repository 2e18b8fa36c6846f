import type { Revoked } from '@peerage/contract';
import { type Entities, type Entity, hlcTimeMs } from '../domain/entities.ts';
import { parseRevocation } from '../domain/revoke.ts';
import type { Put } from '../domain/rule.ts';
import { certificateLimits } from '../limits.ts';

/** The revocations that a certificate could still carry, in memory. Follows the rows; older ones concern certificates that have ended. */
export class Revocations {
  readonly #atMs = new Map<string, number>();
  readonly #keepMs: number;

  /** `lifeMs`: how long a certificate is valid. */
  constructor(lifeMs: number) {
    this.#keepMs = lifeMs + certificateLimits.slackMs;
  }

  /** Takes what was written before, at the start. */
  load(rows: readonly { readonly key: string; readonly atMs: number }[]): void {
    for (const { key, atMs } of rows) this.#atMs.set(key, atMs);
  }

  /** Takes changed rows; what of them is new. */
  rowsChanged(puts: readonly Put<Entity>[]): Revoked[] {
    const added: Revoked[] = [];
    for (const { entity, key, value } of puts) {
      if (entity !== 'revocation' || value === null || this.#atMs.has(key)) continue;
      this.#atMs.set(key, hlcTimeMs((value as Entities['revocation']).at));
      added.push(parseRevocation(key));
    }
    return added;
  }

  recent(nowMs: number): Revoked[] {
    for (const [key, atMs] of this.#atMs) if (atMs + this.#keepMs < nowMs) this.#atMs.delete(key);
    return [...this.#atMs.keys()].map(parseRevocation);
  }
}
