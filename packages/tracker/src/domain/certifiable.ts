import { PeerageError, type Revoked } from '@peerage/contract';
import { hlcTimeMs, keys } from './entities.ts';
import { type KnownIssuers, knownIssuers } from './issuers.ts';
import { type ActorContext, get, type Reading } from './rule.ts';

/** What may be certified of a device at this moment. */
export interface Certifiable extends KnownIssuers {
  readonly publicKey: string;
  readonly login: string;
  /** Of the groups asked for, those that the user is a member of. */
  readonly memberships: readonly { readonly gid: string; readonly application: string; readonly labelKey: string }[];
}

/** Also where this tracker does not know yet what stands behind the id: its revocation may come before the row that it is about. */
function* isRevoked(kind: Revoked['kind'], id: string): Reading<boolean> {
  return (yield* get('revocation', keys.revocation(kind, id))) !== undefined;
}

function* requireNotRevoked(kind: Revoked['kind'], id: string): Reading<void> {
  if (yield* isRevoked(kind, id)) throw new PeerageError('not_logged_in', 'the session is over: log in');
}

/** What to certify for the calling device; everything is the tracker's own knowledge, but for which groups are asked for. */
export function* certifiable(
  { gids, trustMs }: { gids: readonly string[]; trustMs: number },
  { actor, now }: ActorContext,
): Reading<Certifiable> {
  const key = keys.device(actor.uid, actor.device);
  const device = yield* get('device', key);
  const login = yield* get('login', key);
  const credential = yield* get('credential', actor.uid);
  if (!device || device.value.revoked || !login?.value.on || login.value.epoch !== credential?.value.epoch) {
    throw new PeerageError('not_logged_in', 'the session is over: log in');
  }
  yield* requireNotRevoked('device', actor.device);
  yield* requireNotRevoked('login', login.value.id);
  const memberships: { gid: string; application: string; labelKey: string }[] = [];
  for (const gid of new Set(gids)) {
    const membership = yield* get('membership', keys.membership(gid, actor.uid));
    const label = yield* get('group_label', gid);
    if (membership?.value.state !== 'member' || !label) continue;
    if (yield* isRevoked('application', membership.value.applicationId)) continue;
    memberships.push({ gid, application: membership.value.applicationId, labelKey: label.value.key });
  }
  return {
    publicKey: device.value.publicKey,
    login: login.value.id,
    memberships,
    ...(yield* knownIssuers(trustMs, hlcTimeMs(now))),
  };
}
