import { keyParts, keys } from './entities.ts';
import { end, get, type Put, type Reading, scan } from './rule.ts';

export interface Intent {
  readonly gid: string;
  readonly infoHash: string;
  readonly uid: string;
  readonly device: string;
}

export function intentOf(key: string): Intent {
  const [gid = '', infoHash = '', uid = '', device = ''] = keyParts(key);
  return { gid, infoHash, uid, device };
}

export function* intentsOfDevice(uid: string, device: string): Reading<Intent[]> {
  const rows = yield* scan('intent_of_device', `${uid}/${device}/`);
  return rows.map((row) => {
    const [, , gid = '', infoHash = ''] = keyParts(row.key);
    return { gid, infoHash, uid, device };
  });
}

export function* intentsOfMember(gid: string, uid: string): Reading<Intent[]> {
  const rows = yield* scan('intent', `${gid}/`);
  return rows.map((row) => intentOf(row.key)).filter((intent) => intent.uid === uid);
}

/** Turns intents off; where the last intent to share a content ends, its entry goes and the name is free. */
export function* endIntents(ending: readonly Intent[]): Reading<Put[]> {
  const puts: Put[] = ending.map(({ gid, infoHash, uid, device }) =>
    end('intent', keys.intent(gid, infoHash, uid, device)),
  );
  const endingKeys = new Set(puts.map((ended) => ended.key));
  const contents = new Map(ending.map((intent) => [keys.content(intent.gid, intent.infoHash), intent]));
  for (const [key, { gid, infoHash }] of contents) {
    const intents = yield* scan('intent', `${key}/`);
    if (intents.some((intent) => !endingKeys.has(intent.key))) continue;
    puts.push(...(yield* endEntry(gid, infoHash)));
  }
  return puts;
}

function* endEntry(gid: string, infoHash: string): Reading<Put[]> {
  const content = yield* get('content', keys.content(gid, infoHash));
  if (!content) return [];
  const puts: Put[] = [end('content', content.key)];
  const name = yield* get('file_name', keys.fileName(gid, content.value.name));
  if (name?.value.infoHash === infoHash) puts.push(end('file_name', name.key));
  return puts;
}
