import { PeerageError } from '@peerage/contract';
import { pastTime } from './clock-words.ts';
import { hlcTimeMs, keys } from './entities.ts';
import { quoted, requireUser, userName } from './names.ts';
import { type ActorContext, put, type Reading, type Row, type Rule } from './rule.ts';
import { requireOwner } from './standing.ts';
import { requireRoomForGroup } from './user-limits.ts';

export interface DecideRequest {
  readonly gid: string;
  /** As typed. */
  readonly user: string;
  readonly decision: 'accept' | 'reject';
}

/** Accepts or rejects a join request. The first decision wins; a second one is told what was decided. */
export function* decideRequest(command: DecideRequest, context: ActorContext): Rule<object> {
  const { gid, user, decision } = command;
  const group = yield* requireOwner(gid, context, 'decide join requests');
  const uid = yield* requireUser(user);
  const name = yield* userName(uid);
  const membership = group.memberships.get(uid)?.value;
  if (membership?.state !== 'pending') {
    const decided = membership && (yield* decisionOf(name, membership, context));
    if (decided) throw new PeerageError('already_decided', decided);
    throw new PeerageError(
      'no_such_request',
      `${quoted(group.name)} has no pending request from ${quoted(name)}: list_requests shows who asks`,
    );
  }
  if (decision === 'accept') yield* requireRoomForGroup(uid, context.limits, `${quoted(name)} is`);
  const decided = put('membership', keys.membership(gid, uid), {
    ...membership,
    state: decision === 'accept' ? 'member' : 'rejected',
    since: context.now,
    decidedBy: context.actor.uid,
    refusals: membership.refusals + (decision === 'reject' ? 1 : 0),
  });
  return { puts: [decided], result: {} };
}

function* decisionOf(
  name: string,
  membership: Row<'membership'>['value'],
  { now }: ActorContext,
): Reading<string | undefined> {
  const verb = { member: 'accepted', rejected: 'rejected', pending: undefined, left: undefined, removed: undefined }[
    membership.state
  ];
  if (verb === undefined || membership.decidedBy === null) return undefined;
  const decider = yield* userName(membership.decidedBy);
  return `${name}'s request was ${verb} by ${decider} at ${pastTime(hlcTimeMs(membership.since), hlcTimeMs(now))}`;
}
