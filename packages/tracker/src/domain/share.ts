import { PeerageError } from '@peerage/contract';
import { holderOfFileName, isListed, livingIntents } from './catalogue.ts';
import { keys } from './entities.ts';
import type { Limits } from './limits.ts';
import { quoted, userName } from './names.ts';
import { type ActorContext, count, get, type Put, put, type Reading, type Rule } from './rule.ts';
import { type Group, requireMember } from './standing.ts';

export interface Share {
  readonly gid: string;
  readonly infoHash: string;
  /** Refused where the group does not list the content already: who downloaded it must not list what was removed meanwhile. */
  readonly ifListed?: boolean | undefined;
}

/** Turns this device's intent to share on. The first intent lists the content under its name; the next are more sharers of it. */
export function* share({ gid, infoHash, ifListed }: Share, context: ActorContext): Rule<object> {
  const { actor, now } = context;
  const group = yield* requireMember(gid, context);
  const puts: Put[] = [];
  const listed = yield* isListed(group, infoHash);
  if (ifListed && !listed)
    throw new PeerageError('no_such_file', `${quoted(group.name)} does not list that content any more`);
  if (!listed) puts.push(...(yield* listEntry(group, infoHash, context)));
  const key = keys.intent(gid, infoHash, actor.uid, actor.device);
  if (!(yield* get('intent', key))) puts.push(put('intent', key, { since: now }));
  return { puts, result: {} };
}

function* listEntry(group: Group, infoHash: string, { actor, now, limits }: ActorContext): Reading<Put[]> {
  const { gid } = group;
  const blob = yield* get('blob', keys.content(gid, infoHash));
  if (!blob)
    throw new PeerageError('protocol', 'the tracker does not have the metainfo of that content: send it first');
  const { name, sizeBytes, pieces, sha1, files } = blob.value;
  const holder = yield* holderOfFileName(group, name);
  if (holder && holder.key !== blob.key) {
    const sharer = yield* userName(holder.value.by);
    throw new PeerageError(
      'name_taken',
      `${quoted(group.name)} lists other content as ${quoted(name)}, shared by ${sharer}: choose another name with --name`,
    );
  }
  yield* requireRoomForEntry(group, limits);
  const about = { name, sizeBytes, pieces, sha1, ...(files !== undefined && { files }) };
  return [put('content', blob.key, { ...about, by: actor.uid, addedAt: now })];
}

function* requireRoomForEntry(group: Group, { entriesPerGroup }: Limits): Reading<void> {
  if ((yield* count('content', `${group.gid}/`)) < entriesPerGroup) return; // more than are listed
  if ((yield* livingIntents(group)).size < entriesPerGroup) return;
  throw new PeerageError('limit', `${quoted(group.name)} lists ${entriesPerGroup} files, more are not allowed`);
}
