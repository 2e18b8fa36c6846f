import { foldName } from '@peerage/contract';
import { keys } from './entities.ts';
import { groupName, holderOfName, userName } from './names.ts';
import { type ActorContext, type Context, get, type Reading, scan } from './rule.ts';
import { livingGroup } from './standing.ts';

/** Users and living groups that lost their name to the other side of a cut, as they are shown: no name holds a `~` otherwise. */
export function* conflicts(_query: object, _context: Context): Reading<{ users: string[]; groups: string[] }> {
  const [users, groups]: [string[], string[]] = [[], []];
  for (const row of yield* scan('user', '')) {
    const shown = yield* userName(row.key);
    if (shown.includes('~')) users.push(shown);
  }
  for (const row of yield* scan('group', '')) {
    const shown = yield* groupName(row.key, row.value.name);
    if (shown.includes('~') && (yield* livingGroup(row.key))) groups.push(shown);
  }
  return { users, groups };
}

/** Users who lost that name, or who own a living group that did. */
export function* nameLosers({ kind, folded }: { kind: 'user' | 'group'; folded: string }): Reading<string[]> {
  const claims = yield* scan(kind === 'user' ? 'user_name' : 'group_name', `${folded}/`);
  if (claims.length < 2) return [];
  const holder = yield* holderOfName(kind, folded);
  const losers: string[] = [];
  for (const { key } of claims) {
    const id = key.slice(folded.length + 1);
    const named = yield* get(kind, id);
    if (id === holder || !named || foldName(named.value.name) !== folded) continue;
    const loser = kind === 'user' ? id : (yield* livingGroup(id))?.ownerUid;
    if (loser !== undefined) losers.push(loser);
  }
  return losers;
}

/** Of one user: the account's, and those of groups that it is in. */
export function* ownConflicts(_query: object, { actor }: ActorContext): Reading<string[]> {
  const names = [yield* userName(actor.uid)];
  for (const { key } of yield* scan('membership_of_user', keys.membershipOfUser(actor.uid, ''))) {
    const gid = key.slice(actor.uid.length + 1);
    const group = yield* get('group', gid);
    if (group) names.push(yield* groupName(gid, group.value.name));
  }
  return names.filter((name) => name.includes('~'));
}
