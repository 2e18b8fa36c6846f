import { foldName, NAME_PATTERN, PeerageError } from '@peerage/contract';
import { get, type Reading, type Row, scan } from './rule.ts';

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
  const holder = yield* get('user_name', foldName(user.value.name));
  return holder?.value.uid === uid ? user.value.name : conflictName(user.value.name, uid);
}

export function* groupName(gid: string, name: string): Reading<string> {
  const holder = yield* get('group_name', foldName(name));
  return holder?.value.gid === gid ? name : conflictName(name, gid);
}

/** The user of that name, ignoring case, or undefined. */
export function* findUser(typed: string): Reading<string | undefined> {
  const folded = foldName(typed);
  const holder = yield* get('user_name', folded);
  if (holder) return holder.value.uid;
  const loser = yield* losers('user', folded);
  return loser?.key;
}

export function* requireUser(typed: string): Reading<string> {
  const uid = yield* findUser(typed);
  if (uid === undefined)
    throw new PeerageError('no_such_user', `there is no user ${quoted(typed)}: check how the name is written`);
  return uid;
}

/** The group that has or had that name, ignoring case, or undefined; whether it lives is another question. */
export function* findGroup(typed: string): Reading<string | undefined> {
  const folded = foldName(typed);
  const holder = yield* get('group_name', folded);
  if (holder) return holder.value.gid;
  const loser = yield* losers('group', folded);
  return loser?.key;
}

function* losers(entity: 'user' | 'group', folded: string): Reading<Row<'user' | 'group'> | undefined> {
  const [, name, idStart] = CONFLICT.exec(folded) ?? [];
  if (name === undefined || idStart === undefined) return undefined;
  const rows = yield* scan(entity, idStart);
  const nameEntity = entity === 'user' ? 'user_name' : 'group_name';
  const holder = yield* get(nameEntity, name);
  const holderId = holder && ('uid' in holder.value ? holder.value.uid : holder.value.gid);
  return rows.find((row) => foldName(row.value.name) === name && row.key !== holderId);
}
