import { PeerageError } from '@peerage/contract';
import { type Intent, intentOf, intentsOfDevice } from './end-intents.ts';
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
  yield* requireMember(gid, context);
  const contents = yield* scan('content', `${gid}/`);
  const sharers = new Map<string, Intent[]>();
  for (const row of yield* scan('intent', `${gid}/`)) {
    const intent = intentOf(row.key);
    const known = sharers.get(intent.infoHash);
    if (known) known.push(intent);
    else sharers.set(intent.infoHash, [intent]);
  }
  const holders = new Map<string, string>();
  for (const row of yield* scan('file_name', `${gid}/`)) holders.set(row.key.slice(gid.length + 1), row.value.infoHash);
  const names = new Map<string, string>();
  const files: ListedFile[] = [];
  for (const content of contents) {
    const infoHash = content.key.slice(gid.length + 1);
    const intents = sharers.get(infoHash);
    if (!intents) continue;
    const { by } = content.value;
    if (!names.has(by)) names.set(by, yield* userName(by));
    const shown =
      holders.get(content.value.name) === infoHash ? content.value.name : conflictName(content.value.name, infoHash);
    files.push(listed(content, shown, names.get(by)!, intents, context.actor));
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function* findFile(query: { gid: string; name: string }, context: ActorContext): Reading<ListedFile> {
  const group = yield* requireMember(query.gid, context);
  return yield* describe(yield* requireFile(group, query.name), context.actor);
}

/** One entry by its content, for a member. */
export function* fileOf(query: { gid: string; infoHash: string }, context: ActorContext): Reading<ListedFile> {
  const group = yield* requireMember(query.gid, context);
  const content = yield* get('content', keys.content(query.gid, query.infoHash));
  if (!content) throw new PeerageError('no_such_file', `${quoted(group.name)} lists no file of that info-hash`);
  return yield* describe(content, context.actor);
}

/** The listed content of that name; a loser of its name is found as it is shown. */
export function* requireFile(group: Group, name: string): Reading<Row<'content'>> {
  const { gid } = group;
  const holder = yield* get('file_name', keys.fileName(gid, name));
  const content = holder
    ? yield* get('content', keys.content(gid, holder.value.infoHash))
    : yield* loserNamed(gid, name);
  const intents = content ? yield* scan('intent', `${content.key}/`) : [];
  if (content && intents.length > 0) return content;
  throw new PeerageError(
    'no_such_file',
    `${quoted(group.name)} lists no file ${quoted(name)}: list_files shows what it lists`,
  );
}

function* loserNamed(gid: string, shown: string): Reading<Row<'content'> | undefined> {
  const [, name, idStart] = /^(.+)~([0-9a-f]{4})$/s.exec(shown) ?? [];
  if (name === undefined || idStart === undefined) return undefined;
  const rows = yield* scan('content', keys.content(gid, idStart));
  return rows.find((row) => row.value.name === name);
}

function* describe(content: Row<'content'>, actor: Actor): Reading<ListedFile> {
  const [gid = '', infoHash = ''] = keyParts(content.key);
  const { name, by } = content.value;
  const holder = yield* get('file_name', keys.fileName(gid, name));
  const intents = yield* scan('intent', `${content.key}/`);
  const shown = holder?.value.infoHash === infoHash ? name : conflictName(name, infoHash);
  return listed(
    content,
    shown,
    yield* userName(by),
    intents.map((row) => intentOf(row.key)),
    actor,
  );
}

function listed(
  content: Row<'content'>,
  name: string,
  by: string,
  intents: readonly Intent[],
  actor: Actor,
): ListedFile {
  const [, infoHash = ''] = keyParts(content.key);
  const { sizeBytes, pieces, sha1, files } = content.value;
  const sharedByYou = intents.some((intent) => intent.uid === actor.uid && intent.device === actor.device);
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
