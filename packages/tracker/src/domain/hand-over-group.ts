import { PeerageError } from '@peerage/contract';
import { quoted, requireUser, userName } from './names.ts';
import { type ActorContext, put, type Rule } from './rule.ts';
import { requireOwner } from './standing.ts';

/** Makes another member the owner; who was the owner stays a member. */
export function* handOverGroup(command: { gid: string; user: string }, context: ActorContext): Rule<object> {
  const { gid, user } = command;
  const group = yield* requireOwner(gid, context, 'hand it over');
  const uid = yield* requireUser(user);
  if (uid === context.actor.uid) throw new PeerageError('usage', `you own ${quoted(group.name)} already`);
  if (group.memberships.get(uid)?.value.state !== 'member') {
    throw new PeerageError(
      'not_member',
      `${quoted(yield* userName(uid))} is not a member of ${quoted(group.name)}: only a member can own it`,
    );
  }
  return { puts: [put('preferred_owner', gid, { uid, at: context.now })], result: {} };
}
