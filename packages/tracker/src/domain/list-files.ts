import { PeerageError } from '@peerage/contract';
import { holderOfFileName, isListed, isSharedBy, listedFirst, livingIntents } from './catalogue.ts';
import { type Intent, intentsOfDevice } from './end-intents.ts';
import { keyParts, keys } from './entities.ts';
import { conflictName, quoted, userName } from './names.ts';
import { type Actor, type ActorContext, get, type Reading, type Row, scan } from './rule.ts';
import { type Group, requireMember } from './standing.ts';

export interface ListedFile {
  readonly name: string;
  readonly infoHash: string;
  readonly sizeBytes: number;
  readonly pieces: number;
  readonly sha1: string;
  readonly files?: number;
  readonly by: string;
  readonly sharedByYou: boolean;
}

/** The catalogue by name. */
export function* listFiles({ gid }: { gid: string }, context: ActorContext): Reading<ListedFile[]> {
  const group = yield* requireMember(gid, context);
  const sharers = yield* livingIntents(group);
  const hashOf = (content: Row<'content'>) => content.key.slice(gid.length + 1);
  const contents = (yield* scan('content', `${gid}/`)).filter((content) => sharers.has(hashOf(content)));
  const { uid, device } = context.actor;
  const isOwn = (intent: Intent) => intent.uid === uid && intent.device === device;
  const taken = new Set<string>();
  const names = new Map<string, string>();
  const files: ListedFile[] = [];
  for (const content of [...contents].sort(listedFirst)) {
    const { by, name } = content.value;
    if (!names.has(by)) names.set(by, yield* userName(by));
    const shown = taken.has(name) ? conflictName(name, hashOf(content)) : name;
    taken.add(name);
    const sharedByYou = sharers.get(hashOf(content))!.some(isOwn);
    files.push(listed(content, shown, names.get(by)!, sharedByYou));
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function* findFile(query: { gid: string; name: string }, context: ActorContext): Reading<ListedFile> {
  const group = yield* requireMember(query.gid, context);
  return yield* describe(group, yield* requireFile(group, query.name), context.actor);
}

/** One entry by its content, for a member. */
export function* fileOf(query: { gid: string; infoHash: string }, context: ActorContext): Reading<ListedFile> {
  const group = yield* requireMember(query.gid, context);
  const content = yield* get('content', keys.content(query.gid, query.infoHash));
  if (!content || !(yield* isListed(group, query.infoHash)))
    throw new PeerageError('no_such_file', `${quoted(group.name)} lists no file of that info-hash`);
  return yield* describe(group, content, context.actor);
}

/** The listed content of that name; a loser of its name is found as it is shown. */
export function* requireFile(group: Group, name: string): Reading<Row<'content'>> {
  const content = (yield* holderOfFileName(group, name)) ?? (yield* loserNamed(group, name));
  if (content) return content;
  throw new PeerageError(
    'no_such_file',
    `${quoted(group.name)} lists no file ${quoted(name)}: list_files shows what it lists`,
  );
}

function* loserNamed(group: Group, shown: string): Reading<Row<'content'> | undefined> {
  const [, name, idStart] = /^(.+)~([0-9a-f]{4})$/s.exec(shown) ?? [];
  if (name === undefined || idStart === undefined) return undefined;
  const holder = yield* holderOfFileName(group, name);
  for (const row of yield* scan('content', keys.content(group.gid, idStart))) {
    if (row.value.name !== name || row.key === holder?.key) continue;
    if (yield* isListed(group, keyParts(row.key)[1]!)) return row;
  }
  return undefined;
}

function* describe(group: Group, content: Row<'content'>, actor: Actor): Reading<ListedFile> {
  const [, infoHash = ''] = keyParts(content.key);
  const { name, by } = content.value;
  const holder = yield* holderOfFileName(group, name);
  const shown = holder === undefined || holder.key === content.key ? name : conflictName(name, infoHash);
  return listed(content, shown, yield* userName(by), yield* isSharedBy(group, infoHash, actor));
}

function listed(content: Row<'content'>, name: string, by: string, sharedByYou: boolean): ListedFile {
  const [, infoHash = ''] = keyParts(content.key);
  const { sizeBytes, pieces, sha1, files } = content.value;
  return { name, infoHash, sizeBytes, pieces, sha1, ...(files !== undefined && { files }), by, sharedByYou };
}

export interface MyShare {
  readonly group: string;
  readonly infoHash: string;
  readonly name: string;
}

/** This device's intents to share. */
export function* myShares(_query: object, { actor }: ActorContext): Reading<MyShare[]> {
  const shares: MyShare[] = [];
  for (const { gid, infoHash } of yield* intentsOfDevice(actor.uid, actor.device)) {
    const content = yield* get('content', keys.content(gid, infoHash));
    if (content) shares.push({ group: gid, infoHash, name: content.value.name });
  }
  return shares;
}
