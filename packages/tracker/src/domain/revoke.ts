import type { Revoked } from '@peerage/contract';
import { type Entities, hlcTimeMs, keyParts, keys } from './entities.ts';
import { type Context, get, type Put, put, type Reading, scan } from './rule.ts';

/** Refuses every certificate with that id from now on. Grow only. */
export const revoking = (kind: Revoked['kind'], id: string, { now }: Context): Put =>
  put('revocation', keys.revocation(kind, id), { at: now });

/** A revocation with its time, as it is told. */
export interface Revocation extends Revoked {
  readonly atMs: number;
}

/** What some of these rows revoke. */
export const revocationsIn = (puts: readonly Put[]): Revocation[] =>
  puts.flatMap(({ entity, key, value }) =>
    entity === 'revocation' && value !== null
      ? [{ ...parseRevocation(key), atMs: hlcTimeMs((value as Entities['revocation']).at) }]
      : [],
  );

/** What a command that takes rights away answers. */
export interface Taken {
  readonly revoked: readonly Revocation[];
}

/** What a revocation's key says. */
export function parseRevocation(key: string): Revoked {
  const [kind = '', id = ''] = keyParts(key);
  return { kind: kind as Revoked['kind'], id };
}

/** The logins of a user that count with the present password, but for one device's: what a new password ends. */
export function* revokingLogins(uid: string, exceptDevice: string | null, context: Context): Reading<Put[]> {
  const credential = yield* get('credential', uid);
  const logins = yield* scan('login', keys.device(uid, ''));
  return logins
    .filter((row) => row.value.on && row.value.epoch === credential?.value.epoch)
    .filter((row) => exceptDevice === null || row.key !== keys.device(uid, exceptDevice))
    .map((row) => revoking('login', row.value.id, context));
}

/** All revocations, for a start. */
export function* revocations(_query: object, _context: Context): Reading<Revocation[]> {
  return revocationsIn(yield* scan('revocation', ''));
}
