import { foldName, NAME_PATTERN, PeerageError } from '@peerage/contract';
import { keys } from './entities.ts';
import { get, type Reading, scan, scanClosed } from './rule.ts';

/** Two things that took one name on both sides of a cut: the later one is shown, and found, as `name~<first 4 hex of its id>`. */
const CONFLICT = /^(.+)~([0-9a-f]{4})$/s;

export const conflictName = (name: string, id: string): string => `${name}~${id.slice(0, 4)}`;

/** What people typed as somebody's or some group's name, cut so that a message stays a sentence. */
export const quoted = (typed: string): string => `'${typed.length > 80 ? `${typed.slice(0, 80)}…` : typed}'`;

/** Refuses what is no user or group id (contract, NAME_PATTERN). */
export function requireName(kind: 'user' | 'group', name: string): void {
  if (NAME_PATTERN.test(name)) return;
  throw new PeerageError(
    'bad_name',
    `${quoted(name)} is no ${kind} id: use 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit`,
  );
}

export function* userName(uid: string): Reading<string> {
  const user = yield* get('user', uid);
  if (!user) return conflictName('unknown', uid); // a fact about a user whose own row another tracker has not sent yet
  const holder = yield* holderOfName('user', foldName(user.value.name));
  return holder === uid ? user.value.name : conflictName(user.value.name, uid);
}

/** A living group's name as it is shown. */
export function* groupName(gid: string, name: string): Reading<string> {
  const holder = yield* holderOfName('group', foldName(name));
  return holder === gid ? name : conflictName(name, gid);
}

/** The user of that name, ignoring case, or undefined. */
export function* findUser(typed: string): Reading<string | undefined> {
  const folded = foldName(typed);
  return (yield* holderOfName('user', folded)) ?? (yield* loserOf('user', folded));
}

export function* requireUser(typed: string): Reading<string> {
  const uid = yield* findUser(typed);
  if (uid === undefined)
    throw new PeerageError('no_such_user', `there is no user ${quoted(typed)}: check how the name is written`);
  return uid;
}

/** The group of that name, ignoring case, or undefined; whether a loser of its name lives is another question. */
export function* findGroup(typed: string): Reading<string | undefined> {
  const folded = foldName(typed);
  return (yield* holderOfName('group', folded)) ?? (yield* loserOf('group', folded));
}

/** Whose a name is: the best claim of a user who still has that name, or of a group that still has it and lives. */
export function* holderOfName(kind: 'user' | 'group', folded: string): Reading<string | undefined> {
  const claims = yield* scanClosed(kind === 'user' ? 'user_name' : 'group_name', `${folded}/`);
  const best = claims
    .map(({ key, value }) => ({ id: key.slice(folded.length + 1), ...value }))
    .sort((a, b) => Number(b.settled) - Number(a.settled) || a.claimedAt - b.claimedAt || (a.id < b.id ? -1 : 1));
  for (const { id } of best) if (yield* counts(kind, id, folded)) return id;
  return undefined;
}

function* counts(kind: 'user' | 'group', id: string, folded: string): Reading<boolean> {
  const named = yield* get(kind, id);
  if (!named || foldName(named.value.name) !== folded) return false;
  if (kind === 'user') return true;
  const memberships = yield* scan('membership', keys.membership(id, ''));
  return memberships.some((row) => row.value.state === 'member');
}

function* loserOf(kind: 'user' | 'group', folded: string): Reading<string | undefined> {
  const [, name, idStart] = CONFLICT.exec(folded) ?? [];
  if (name === undefined || idStart === undefined) return undefined;
  const rows = yield* scan(kind, idStart);
  const holder = yield* holderOfName(kind, name);
  return rows.find((row) => foldName(row.value.name) === name && row.key !== holder)?.key;
}
