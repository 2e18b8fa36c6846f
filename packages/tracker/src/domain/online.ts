import { keyParts, keys } from './entities.ts';
import { findUser, userName } from './names.ts';
import { type ActorContext, type Context, count, get, type Reading, scan } from './rule.ts';
import { livingGroup, requireMember } from './standing.ts';

/** What presence has to know of a device that comes online. */
export function* deviceFacts({ uid, device }: { uid: string; device: string }): Reading<{
  name: string;
  memberOf: string[];
  shares: { gid: string; infoHash: string }[];
}> {
  const memberships = yield* scan('membership_of_user', keys.membershipOfUser(uid, ''));
  const intents = yield* scan('intent_of_device', `${uid}/${device}/`);
  return {
    name: yield* userName(uid),
    memberOf: memberships.filter((row) => row.value.state === 'member').map((row) => row.key.slice(uid.length + 1)),
    shares: intents.map((row) => {
      const [, , gid = '', infoHash = ''] = keyParts(row.key);
      return { gid, infoHash };
    }),
  };
}

/** What the tracker has to know to call a member's device back under the group's name; undefined where it may not. */
export function* deviceProof({
  uid,
  device,
  gid,
}: {
  uid: string;
  device: string;
  gid: string;
}): Reading<{ publicKey: string; labelKey: string } | undefined> {
  const known = yield* get('device', keys.device(uid, device));
  const label = yield* get('group_label', gid);
  if (known?.value.revoked !== false || !label) return undefined;
  return { publicKey: known.value.publicKey, labelKey: label.value.key };
}

/** Who a group's news go to; undefined for a group that has ended. */
export function* groupFacts({
  gid,
}: {
  gid: string;
}): Reading<{ name: string; ownerUid: string; memberUids: string[] } | undefined> {
  const group = yield* livingGroup(gid);
  return group && { name: group.name, ownerUid: group.ownerUid, memberUids: group.members.map((member) => member.uid) };
}

/** What somebody did in a group, to be told to its people. */
export interface Deed {
  readonly gid: string;
  readonly uid: string;
  /** The content that it is about. */
  readonly infoHash?: string;
  /** By owning the group: told only if he does. */
  readonly owns?: boolean;
  /** The owner's business alone; else every member's. */
  readonly toOwner?: boolean;
}

export interface Story {
  readonly uids: readonly string[];
  readonly groupName: string;
  readonly user: string;
  readonly file?: string;
}

/** Whom to tell of each deed, with the names in it; undefined where there is nobody left to tell, or nothing. */
export function* storiesOf({ deeds }: { deeds: readonly Deed[] }): Reading<(Story | undefined)[]> {
  const stories: (Story | undefined)[] = [];
  for (const { gid, uid, infoHash, owns, toOwner } of deeds) {
    const group = yield* livingGroup(gid);
    if (!group || (owns && group.ownerUid !== uid)) {
      stories.push(undefined);
      continue;
    }
    const content = infoHash === undefined ? undefined : yield* get('content', keys.content(gid, infoHash));
    const uids = toOwner ? [group.ownerUid] : group.members.map((member) => member.uid);
    const user = yield* userName(uid);
    stories.push({ uids, groupName: group.name, user, ...(content && { file: content.value.name }) });
  }
  return stories;
}

/** A user's shown name. */
export function* nameOf({ uid }: { uid: string }): Reading<string> {
  return yield* userName(uid);
}

/** What a password is compared with; undefined for an unknown user. */
export function* credentialOf(
  query: { name: string } | { uid: string },
): Reading<{ uid: string; hash: string } | undefined> {
  const uid = 'uid' in query ? query.uid : yield* findUser(query.name);
  const credential = uid === undefined ? undefined : yield* get('credential', uid);
  return uid !== undefined && credential ? { uid, hash: credential.value.hash } : undefined;
}

/** Whether a device logged in before under that user, and was not revoked. */
export function* isKnownDevice({ uid, device }: { uid: string; device: string }): Reading<boolean> {
  const known = yield* get('device', keys.device(uid, device));
  return known?.value.revoked === false;
}

/** Figures for the operator's console. */
export function* totals(_query: object, _context: Context): Reading<{ users: number; groups: number; files: number }> {
  const users = yield* scan('user', '');
  const shared = new Set((yield* scan('intent', '')).map((row) => keyParts(row.key).slice(0, 2).join('/')));
  let groups = 0;
  for (const row of yield* scan('group', '')) if (yield* livingGroup(row.key)) groups++;
  return { users: users.length, groups, files: shared.size };
}

const COUNTED = ['user', 'device', 'group', 'membership', 'content', 'intent', 'revocation', 'command'] as const;

/** How many rows of each kind there are, for metrics. */
export function* rowCounts(_query: object, _context: Context): Reading<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const entity of COUNTED) counts[entity] = yield* count(entity, '');
  return counts;
}

/** Of these users the members of a group, with their names; for one of its members. */
export function* membersAmong(
  query: { gid: string; uids: readonly string[] },
  context: ActorContext,
): Reading<[uid: string, name: string][]> {
  const isMember = function* (uid: string): Reading<boolean> {
    return (yield* get('membership', keys.membership(query.gid, uid)))?.value.state === 'member';
  };
  // By their rows, not by the whole group: it is asked for each look-up of peers. A group with a member lives.
  const group = yield* get('group', query.gid);
  if (!group || !(yield* isMember(context.actor.uid))) yield* requireMember(query.gid, context);
  const members: [string, string][] = [];
  for (const uid of query.uids) if (yield* isMember(uid)) members.push([uid, yield* userName(uid)]);
  return members;
}
