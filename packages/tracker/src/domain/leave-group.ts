import { endIntents, intentsOfMember } from './end-intents.ts';
import { keys } from './entities.ts';
import { userName } from './names.ts';
import { revocationsIn, revoking, type Taken } from './revoke.ts';
import { type ActorContext, type Put, put, type Rule } from './rule.ts';
import { requireMember } from './standing.ts';

export interface Left extends Taken {
  readonly ended: boolean;
  readonly newOwner?: string;
}

/** Leaves; an owner hands over to the longest-standing member; the last member's leaving ends the group. What the leaver shared goes. */
export function* leaveGroup({ gid }: { gid: string }, context: ActorContext): Rule<Left> {
  const { uid } = context.actor;
  const group = yield* requireMember(gid, context);
  const membership = group.memberships.get(uid)!.value;
  const puts: Put[] = [
    put('membership', keys.membership(gid, uid), { ...membership, state: 'left', since: context.now, decidedBy: null }),
    revoking('application', membership.applicationId, context),
    ...endIntents(yield* intentsOfMember(gid, uid)),
  ];
  const successor = group.members.find((member) => member.uid !== uid);
  const revoked = revocationsIn(puts);
  if (!successor) return { puts, result: { ended: true, revoked } };
  if (group.ownerUid !== uid) return { puts, result: { ended: false, revoked } };
  puts.push(put('preferred_owner', gid, { uid: successor.uid, at: context.now }));
  return { puts, result: { ended: false, newOwner: yield* userName(successor.uid), revoked } };
}
