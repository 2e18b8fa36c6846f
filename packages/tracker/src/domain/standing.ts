import { PeerageError, type Standing } from '@peerage/contract';
import { pastTime } from './clock-words.ts';
import { type Hlc, hlcTimeMs, keys } from './entities.ts';
import { groupName, quoted } from './names.ts';
import { type ActorContext, get, type Reading, type Row, scan } from './rule.ts';

export interface Member {
  readonly uid: string;
  readonly since: Hlc;
}

export interface Group {
  readonly gid: string;
  readonly name: string;
  /** Longest-standing first; at least one: a group without members has ended. */
  readonly members: readonly Member[];
  readonly ownerUid: string;
  /** Every membership row, of whatever state, by user. */
  readonly memberships: ReadonlyMap<string, Row<'membership'>>;
}

/** The owner is derived, never stored: the preferred owner if a member, else the longest-standing member. */
function ownerOf({ members, byUser }: Standings, preferredUid: string | undefined): string | undefined {
  const preferred = preferredUid === undefined ? undefined : byUser.get(preferredUid)?.value;
  return preferred?.state === 'member' ? preferredUid : members[0]?.uid;
}

interface Standings {
  readonly members: readonly Member[];
  readonly byUser: ReadonlyMap<string, Row<'membership'>>;
}

/** Worked out once for what a store reads once: most commands ask for a group whose members did not change. */
const standingsOf = new WeakMap<readonly Row<'membership'>[], Standings>();

/** Members longest-standing first; who was accepted at the same instant is ordered by id, alike on every tracker. */
function standingsIn(memberships: readonly Row<'membership'>[]): Standings {
  const known = standingsOf.get(memberships);
  if (known) return known;
  const userOf = ({ key }: Row<'membership'>) => key.slice(key.indexOf('/') + 1);
  const members = memberships
    .filter((row) => row.value.state === 'member')
    .map((row) => ({ uid: userOf(row), since: row.value.since }))
    .sort((a, b) => a.since - b.since || (a.uid < b.uid ? -1 : 1));
  const standings = { members, byUser: new Map(memberships.map((row) => [userOf(row), row])) };
  standingsOf.set(memberships, standings);
  return standings;
}

/** A group as it stands, or undefined where it never was or has ended: callers can't tell these two apart. */
export function* livingGroup(gid: string): Reading<Group | undefined> {
  const row = yield* get('group', gid);
  if (!row) return undefined;
  const memberships = yield* scan('membership', keys.membership(gid, ''));
  const standings = standingsIn(memberships);
  const { members, byUser } = standings;
  const preferred = yield* get('preferred_owner', gid);
  const ownerUid = ownerOf(standings, preferred?.value.uid);
  if (ownerUid === undefined) return undefined;
  const name = yield* groupName(gid, row.value.name);
  return { gid, name, members, ownerUid, memberships: byUser };
}

export function* requireGroup(gid: string): Reading<Group> {
  const group = yield* livingGroup(gid);
  if (!group) throw new PeerageError('no_such_group', 'there is no such group: list_groups shows which there are');
  return group;
}

export function standingIn(group: Group, uid: string): Standing {
  if (group.ownerUid === uid) return 'owner';
  const state = group.memberships.get(uid)?.value.state;
  return state === 'member' || state === 'pending' ? state : 'none';
}

/** A group for one of its members; everybody else is told why not. */
export function* requireMember(gid: string, { actor, now }: Pick<ActorContext, 'actor' | 'now'>): Reading<Group> {
  const group = yield* requireGroup(gid);
  const membership = group.memberships.get(actor.uid)?.value;
  if (membership?.state === 'member') return group;
  throw new PeerageError('not_member', notMember(group.name, membership, now));
}

export function notMember(name: string, membership: Row<'membership'>['value'] | undefined, now: Hlc): string {
  const since = membership ? pastTime(hlcTimeMs(membership.since), hlcTimeMs(now)) : '';
  const why = {
    none: `ask with join_group ${name}`,
    pending: `your request is pending since ${since}`,
    member: '',
    left: `you left it at ${since}`,
    rejected: `your request was rejected at ${since}`,
    removed: `you were removed at ${since}`,
  }[membership?.state ?? 'none'];
  return `you are not a member of ${quoted(name)}: ${why}`;
}

export function* requireOwner(gid: string, { actor }: ActorContext, doing: string): Reading<Group> {
  const group = yield* requireGroup(gid);
  if (group.ownerUid === actor.uid) return group;
  throw new PeerageError('not_owner', `only the owner of ${quoted(group.name)} may ${doing}`);
}
