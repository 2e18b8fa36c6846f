import { PeerageError } from '@peerage/contract';
import { endIntents, intentsOfMember } from './end-intents.ts';
import { keys } from './entities.ts';
import { quoted, requireUser, userName } from './names.ts';
import { revocationsIn, revoking, type Taken } from './revoke.ts';
import { type ActorContext, put, type Rule } from './rule.ts';
import { requireOwner } from './standing.ts';

/** Takes a member out of the group, with everything that member shares there. */
export function* removeMember(command: { gid: string; user: string }, context: ActorContext): Rule<Taken> {
  const { gid, user } = command;
  const group = yield* requireOwner(gid, context, 'remove members');
  const uid = yield* requireUser(user);
  const membership = group.memberships.get(uid)?.value;
  if (membership?.state !== 'member') {
    throw new PeerageError('not_member', `${quoted(yield* userName(uid))} is not a member of ${quoted(group.name)}`);
  }
  if (uid === context.actor.uid) {
    throw new PeerageError('usage', `you can not remove yourself: use leave_group ${group.name}`);
  }
  const removed = put('membership', keys.membership(gid, uid), {
    ...membership,
    state: 'removed',
    since: context.now,
    decidedBy: context.actor.uid,
    refusals: membership.refusals + 1,
  });
  const revoked = revoking('application', membership.applicationId, context);
  const puts = [removed, revoked, ...endIntents(yield* intentsOfMember(gid, uid))];
  return { puts, result: { revoked: revocationsIn(puts) } };
}
