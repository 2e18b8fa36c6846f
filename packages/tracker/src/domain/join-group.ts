import { PeerageError } from '@peerage/contract';
import { futureTime, pastTime } from './clock-words.ts';
import { hlcTimeMs, keys } from './entities.ts';
import { quoted } from './names.ts';
import { type ActorContext, put, type Row, type Rule } from './rule.ts';
import { notMember, requireGroup } from './standing.ts';
import { requireRoomForGroup, requireRoomForRequest } from './user-limits.ts';

/** Files a join request. */
export function* joinGroup({ gid }: { gid: string }, context: ActorContext): Rule<object> {
  const { actor, now, limits } = context;
  const group = yield* requireGroup(gid);
  const former = group.memberships.get(actor.uid)?.value;
  if (former?.state === 'member') {
    throw new PeerageError('already_member', `you are a member of ${quoted(group.name)} already`);
  }
  if (former?.state === 'pending') throw new PeerageError('request_pending', notMember(group.name, former, now));
  if (former) requireWaited(group.name, former, context);
  yield* requireRoomForRequest(actor.uid, limits);
  yield* requireRoomForGroup(actor.uid, limits, 'you are');
  const pending = [...group.memberships.values()].filter((row) => row.value.state === 'pending').length;
  if (pending >= limits.pendingPerGroup) {
    throw new PeerageError(
      'limit',
      `${quoted(group.name)} has ${pending} open join requests, more are not allowed: ask its owner`,
    );
  }
  const application = put('membership', keys.membership(gid, actor.uid), {
    state: 'pending',
    application: now,
    applicationId: context.effectId,
    since: now,
    decidedBy: null,
    refusals: former?.refusals ?? 0,
  });
  return { puts: [application], result: {} };
}

function requireWaited(name: string, former: Row<'membership'>['value'], { now, limits }: ActorContext): void {
  if (former.state !== 'rejected' && former.state !== 'removed') return;
  const waits = limits.applicationWaitMs;
  const waitMs = waits[Math.min(former.refusals, waits.length) - 1] ?? 0;
  const nowMs = hlcTimeMs(now);
  const refusedAtMs = hlcTimeMs(former.since);
  if (nowMs - refusedAtMs >= waitMs) return;
  const what =
    former.state === 'rejected'
      ? `your request to join ${quoted(name)} was rejected`
      : `you were removed from ${quoted(name)}`;
  throw new PeerageError(
    'throttled',
    `${what} at ${pastTime(refusedAtMs, nowMs)}: you can ask again at ${futureTime(refusedAtMs + waitMs, nowMs)}`,
  );
}
