import { PeerageError } from '@peerage/contract';
import { keys } from './entities.ts';
import { quoted, userName } from './names.ts';
import { type ActorContext, count, get, type Put, put, type Reading, type Rule } from './rule.ts';
import { type Group, requireMember } from './standing.ts';

/** Turns this device's intent to share on. The first intent lists the content under its name; the next are more sharers of it. */
export function* share(command: { gid: string; infoHash: string }, context: ActorContext): Rule<object> {
  const { gid, infoHash } = command;
  const { actor, now } = context;
  const group = yield* requireMember(gid, context);
  const puts: Put[] = [];
  if (!(yield* isListed(gid, infoHash))) puts.push(...(yield* listEntry(group, infoHash, context)));
  const key = keys.intent(gid, infoHash, actor.uid, actor.device);
  if (!(yield* get('intent', key))) puts.push(put('intent', key, { since: now }));
  return { puts, result: {} };
}

/** An entry is listed while somebody's intent to share it is on; rows left without one are free to take. */
function* isListed(gid: string, infoHash: string): Reading<boolean> {
  const key = keys.content(gid, infoHash);
  return (yield* get('content', key)) !== undefined && (yield* count('intent', `${key}/`)) > 0;
}

function* listEntry(group: Group, infoHash: string, { actor, now, limits }: ActorContext): Reading<Put[]> {
  const { gid } = group;
  const blob = yield* get('blob', keys.content(gid, infoHash));
  if (!blob)
    throw new PeerageError('protocol', 'the tracker does not have the metainfo of that content: send it first');
  const { name, sizeBytes, pieces, sha1, files } = blob.value;
  const holder = yield* get('file_name', keys.fileName(gid, name));
  if (holder && holder.value.infoHash !== infoHash && (yield* isListed(gid, holder.value.infoHash))) {
    const other = yield* get('content', keys.content(gid, holder.value.infoHash));
    const sharer = other ? yield* userName(other.value.by) : 'another member';
    throw new PeerageError(
      'name_taken',
      `${quoted(group.name)} lists other content as ${quoted(name)}, shared by ${sharer}: choose another name with --name`,
    );
  }
  if ((yield* count('content', `${gid}/`)) >= limits.entriesPerGroup) {
    throw new PeerageError(
      'limit',
      `${quoted(group.name)} lists ${limits.entriesPerGroup} files, more are not allowed`,
    );
  }
  return [
    put('file_name', keys.fileName(gid, name), { infoHash }),
    put('content', keys.content(gid, infoHash), {
      name,
      sizeBytes,
      pieces,
      sha1,
      ...(files !== undefined && { files }),
      by: actor.uid,
      addedAt: now,
    }),
  ];
}
