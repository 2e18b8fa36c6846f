import { PeerageError } from '@peerage/contract';
import { type Entities, type Hlc, keys } from './entities.ts';
import { quoted } from './names.ts';
import { type ActorContext, type Context, count, end, get, put, type Reading, type Rule, scan } from './rule.ts';
import { requireMember } from './standing.ts';

/** Whether a member may store `blobBytes` more of metainfo for this group. */
export function* mayStoreBlob(query: { gid: string; blobBytes: number }, context: ActorContext): Reading<object> {
  const group = yield* requireMember(query.gid, context);
  let storedBytes = query.blobBytes;
  for (const row of yield* scan('blob', `${query.gid}/`)) storedBytes += row.value.blobBytes;
  if (storedBytes <= context.limits.blobBytesPerGroup) return {};
  throw new PeerageError(
    'limit',
    `${quoted(group.name)} has all the metainfo that the tracker keeps for one group: remove files first`,
  );
}

export interface RememberBlob {
  readonly gid: string;
  readonly infoHash: string;
  readonly about: Omit<Entities['blob'], 'storedAt'>;
}

/** Metainfo is on disk, verified: it can be shared. */
// biome-ignore lint/correctness/useYield: a rule that needs to read nothing
export function* rememberBlob({ gid, infoHash, about }: RememberBlob, { now }: Context): Rule<object> {
  return { puts: [put('blob', keys.content(gid, infoHash), { ...about, storedAt: now })], result: {} };
}

/** Metainfo that nothing lists and that was stored before `storedBefore`. */
export function* unreferencedBlobs(query: { storedBefore: Hlc }): Reading<{ gid: string; infoHash: string }[]> {
  const unreferenced: { gid: string; infoHash: string }[] = [];
  for (const row of yield* scan('blob', '')) {
    if (row.value.storedAt >= query.storedBefore || (yield* isReferenced(row.key))) continue;
    const [gid = '', infoHash = ''] = row.key.split('/');
    unreferenced.push({ gid, infoHash });
  }
  return unreferenced;
}

/** Forgets metainfo, unless something lists it by now; its file may go afterwards. */
export function* forgetBlob(
  command: { gid: string; infoHash: string },
  _context: Context,
): Rule<{ forgotten: boolean }> {
  const key = keys.content(command.gid, command.infoHash);
  yield* get('blob', key);
  if (yield* isReferenced(key)) return { puts: [], result: { forgotten: false } };
  return { puts: [end('blob', key)], result: { forgotten: true } };
}

function* isReferenced(key: string): Reading<boolean> {
  return (yield* get('content', key)) !== undefined && (yield* count('intent', `${key}/`)) > 0;
}

/** Whether something is listed whose metainfo this tracker does not have: another tracker has it. */
export function* lacksBlob({ gid, infoHash }: { gid: string; infoHash: string }): Reading<boolean> {
  const key = keys.content(gid, infoHash);
  return (yield* get('blob', key)) === undefined && (yield* isReferenced(key));
}

export function* missingBlobs(_query: object, _context: Context): Reading<{ gid: string; infoHash: string }[]> {
  const missing: { gid: string; infoHash: string }[] = [];
  for (const { key } of yield* scan('content', '')) {
    const [gid = '', infoHash = ''] = key.split('/');
    if (yield* lacksBlob({ gid, infoHash })) missing.push({ gid, infoHash });
  }
  return missing;
}
