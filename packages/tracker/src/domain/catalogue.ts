import { type Intent, intentOf } from './end-intents.ts';
import { keys } from './entities.ts';
import { type Actor, get, type Reading, type Row, scan, scanClosed } from './rule.ts';
import type { Group } from './standing.ts';

/**
 * What a group lists is derived, since another tracker may have ended what this one knows: an intent counts while its user is a member and its device is not
 * revoked; a content is listed while an intent to share it counts.
 */

/** The intents that count, by content. */
export function* livingIntents(group: Group): Reading<Map<string, Intent[]>> {
  const intents = yield* scan('intent', `${group.gid}/`);
  const revoked = new Map<string, boolean>();
  const living = new Map<string, Intent[]>();
  for (const row of intents) {
    const intent = intentOf(row.key);
    if (!isOfMember(group, intent)) continue;
    const device = keys.device(intent.uid, intent.device);
    if (!revoked.has(device)) revoked.set(device, yield* isRevoked(intent));
    if (revoked.get(device)) continue;
    const known = living.get(intent.infoHash);
    if (known) known.push(intent);
    else living.set(intent.infoHash, [intent]);
  }
  return living;
}

/** Whether one of its intents counts: most of the time the first one that is looked at does. */
export function* isListed(group: Group, infoHash: string): Reading<boolean> {
  for (const row of yield* scan('intent', `${group.gid}/${infoHash}/`)) {
    if (yield* doesCount(group, intentOf(row.key))) return true;
  }
  return false;
}

/** Whether that device shares it, and counts. */
export function* isSharedBy(group: Group, infoHash: string, { uid, device }: Actor): Reading<boolean> {
  if (!(yield* get('intent', keys.intent(group.gid, infoHash, uid, device)))) return false;
  return yield* doesCount(group, { uid, device });
}

type Sharer = Pick<Intent, 'uid' | 'device'>;

function* doesCount(group: Group, sharer: Sharer): Reading<boolean> {
  return isOfMember(group, sharer) && !(yield* isRevoked(sharer));
}

const isOfMember = (group: Group, { uid }: Sharer): boolean => group.memberships.get(uid)?.value.state === 'member';

function* isRevoked({ uid, device }: Sharer): Reading<boolean> {
  return (yield* get('device', keys.device(uid, device)))?.value.revoked ?? false;
}

/** Of two listed contents of one name the one listed first holds it; of the same moment, the smaller info-hash. */
export const listedFirst = (a: Row<'content'>, b: Row<'content'>): number =>
  a.value.addedAt - b.value.addedAt || (a.key < b.key ? -1 : 1);

/** The listed content that holds a name. */
export function* holderOfFileName(group: Group, name: string): Reading<Row<'content'> | undefined> {
  const contents: Row<'content'>[] = [];
  for (const { value } of yield* scanClosed('file_name', keys.fileName(group.gid, name, ''))) {
    const content = yield* get('content', keys.content(group.gid, value.infoHash));
    if (content && (yield* isListed(group, value.infoHash))) contents.push(content);
  }
  return contents.sort(listedFirst)[0];
}
