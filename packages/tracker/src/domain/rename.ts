import { foldName, PeerageError } from '@peerage/contract';
import { keys } from './entities.ts';
import { holderOfName, quoted, requireName, userName } from './names.ts';
import { type ActorContext, get, put, type Rule } from './rule.ts';
import { requireOwner } from './standing.ts';

/** Only who lost a name to one made on the other side of a cut may take a new one: other names are how people know each other. */
export function* renameUser({ name }: { name: string }, { actor, now }: ActorContext): Rule<object> {
  requireName('user', name);
  const user = yield* get('user', actor.uid);
  const shown = yield* userName(actor.uid);
  if (!user || shown === user.value.name) {
    throw new PeerageError(
      'name_conflict',
      `${quoted(shown)} is your own name: only who lost a name to another user can be renamed`,
    );
  }
  if ((yield* holderOfName('user', foldName(name))) !== undefined) {
    throw new PeerageError('user_exists', `the user id ${quoted(name)} is taken: choose another one`);
  }
  return {
    puts: [
      put('user_name', keys.claim(foldName(name), actor.uid), { claimedAt: now, settled: false }),
      put('user', actor.uid, { ...user.value, name, renamedAt: now }),
    ],
    result: {},
  };
}

export function* renameGroup(command: { gid: string; name: string }, context: ActorContext): Rule<object> {
  const { gid, name } = command;
  const group = yield* requireOwner(gid, context, 'rename it');
  requireName('group', name);
  const row = yield* get('group', gid);
  if (!row || group.name === row.value.name) {
    throw new PeerageError(
      'name_conflict',
      `${quoted(group.name)} is its own name: only a group that lost its name to another can be renamed`,
    );
  }
  if ((yield* holderOfName('group', foldName(name))) !== undefined) {
    throw new PeerageError('group_exists', `the group id ${quoted(name)} is taken: choose another one`);
  }
  return {
    puts: [
      put('group_name', keys.claim(foldName(name), gid), { claimedAt: context.now, settled: false }),
      put('group', gid, { ...row.value, name, renamedAt: context.now }),
    ],
    result: {},
  };
}
