import type { Revoked } from '@peerage/contract';
import { hlcTimeMs, keyParts, keys } from './entities.ts';
import { type Context, get, type Put, put, type Reading, scan } from './rule.ts';

/** Refuses every certificate with that id from now on. Grow only. */
export const revoking = (kind: Revoked['kind'], id: string, { now }: Context): Put =>
  put('revocation', keys.revocation(kind, id), { at: now });

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
export function* revocations(_query: object, _context: Context): Reading<{ key: string; atMs: number }[]> {
  return (yield* scan('revocation', '')).map((row) => ({ key: row.key, atMs: hlcTimeMs(row.value.at) }));
}
