import { keyParts, keys } from './entities.ts';
import { end, type Put, type Reading, scan } from './rule.ts';

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

/** Turns intents off; where the last intent to share a content ends, it is listed no more and its name is free. */
export const endIntents = (ending: readonly Intent[]): Put[] =>
  ending.map(({ gid, infoHash, uid, device }) => end('intent', keys.intent(gid, infoHash, uid, device)));
