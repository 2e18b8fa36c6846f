import { PeerageError } from '@peerage/contract';
import { futureTime, pastTime } from './clock-words.ts';
import { type Hlc, hlcTimeMs, keys } from './entities.ts';
import { quoted } from './names.ts';
import { type ActorContext, count, put, type Reading, type Row, type Rule } from './rule.ts';
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
  if (former) {
    requireWaited(group.name, former, context);
    yield* requireFewBefore(gid, group.name, former, context);
  }
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
  const what =
    former.state === 'rejected'
      ? `your request to join ${quoted(name)} was rejected`
      : `you were removed from ${quoted(name)}`;
  requireSince(former, waits[Math.min(former.refusals, waits.length) - 1] ?? 0, now, what);
}

/** Who is accepted and leaves, again and again, has nobody who refuses: without a bound that would be a row each time. */
function* requireFewBefore(
  gid: string,
  name: string,
  former: Row<'membership'>['value'],
  { actor, now, limits }: ActorContext,
): Reading<void> {
  const before = yield* count('application', keys.application(gid, actor.uid, ''));
  if (before < limits.promptApplications) return;
  const what = `you asked to join ${quoted(name)} ${before} times, the last of which ended`;
  requireSince(former, limits.applicationWaitMs.at(-1) ?? 0, now, what);
}

function requireSince({ since }: Row<'membership'>['value'], waitMs: number, now: Hlc, what: string): void {
  const [sinceMs, nowMs] = [hlcTimeMs(since), hlcTimeMs(now)];
  if (nowMs - sinceMs >= waitMs) return;
  throw new PeerageError(
    'throttled',
    `${what} at ${pastTime(sinceMs, nowMs)}: you can ask again at ${futureTime(sinceMs + waitMs, nowMs)}`,
  );
}
