import { PeerageError, type Standing } from '@peerage/contract';
import { hlcTimeMs } from './entities.ts';
import { findGroup as groupNamed, quoted, userName } from './names.ts';
import { type ActorContext, type Reading, scan } from './rule.ts';
import { type Group, livingGroup, requireMember, requireOwner, standingIn } from './standing.ts';

export interface ListedGroup {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly members: number;
  readonly standing: Standing;
  readonly since?: number;
  readonly requests?: number;
}

/** All groups of the network, by name, with the caller's standing in each. */
export function* listGroups(_query: object, { actor }: ActorContext): Reading<ListedGroup[]> {
  const groups: ListedGroup[] = [];
  for (const row of yield* scan('group', '')) {
    const group = yield* livingGroup(row.key);
    if (group) groups.push(yield* listed(group, actor.uid));
  }
  return groups.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function* findGroup({ name }: { name: string }, { actor }: ActorContext): Reading<ListedGroup> {
  const gid = yield* groupNamed(name);
  const group = gid === undefined ? undefined : yield* livingGroup(gid);
  if (group) return yield* listed(group, actor.uid);
  throw new PeerageError('no_such_group', `there is no group ${quoted(name)}: list_groups shows which there are`);
}

function* listed(group: Group, uid: string): Reading<ListedGroup> {
  const standing = standingIn(group, uid);
  const membership = group.memberships.get(uid)?.value;
  const owner = yield* userName(group.ownerUid);
  return {
    id: group.gid,
    name: group.name,
    owner,
    members: group.members.length,
    standing,
    ...(standing !== 'none' && membership ? { since: hlcTimeMs(membership.since) } : {}),
    ...(standing === 'owner' ? { requests: pendingIn(group).length } : {}),
  };
}

const pendingIn = (group: Group) => [...group.memberships].filter(([, row]) => row.value.state === 'pending');

export interface ListedRequest {
  readonly user: string;
  readonly userId: string;
  readonly requestedAt: number;
}

/** Pending join requests, oldest first. */
export function* listRequests({ gid }: { gid: string }, context: ActorContext): Reading<ListedRequest[]> {
  const group = yield* requireOwner(gid, context, 'list join requests');
  const requests: ListedRequest[] = [];
  for (const [userId, row] of pendingIn(group).sort(([, a], [, b]) => a.value.application - b.value.application)) {
    requests.push({ user: yield* userName(userId), userId, requestedAt: hlcTimeMs(row.value.application) });
  }
  return requests;
}

export interface ListedMember {
  readonly user: string;
  readonly userId: string;
  readonly role: 'owner' | 'member';
  readonly since: number;
}

/** Members, longest-standing first. */
export function* listMembers({ gid }: { gid: string }, context: ActorContext): Reading<ListedMember[]> {
  const group = yield* requireMember(gid, context);
  const members: ListedMember[] = [];
  for (const { uid, since } of group.members) {
    const role = uid === group.ownerUid ? 'owner' : 'member';
    members.push({ user: yield* userName(uid), userId: uid, role, since: hlcTimeMs(since) });
  }
  return members;
}
