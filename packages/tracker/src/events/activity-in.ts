import type { GroupActivity } from '@peerage/contract';
import { type Entities, keyParts, type MembershipState } from '../domain/entities.ts';
import type { Put } from '../domain/rule.ts';

/** Of one commit; whoever stops a thousand shares is told of by the first few. */
const MOST_FILES = 20;

export interface Activity {
  readonly gid: string;
  readonly what: GroupActivity;
  readonly uid: string;
  readonly infoHash?: string;
}

const standings = {
  pending: 'asked',
  member: 'joined',
  rejected: 'rejected',
  left: 'left',
  removed: 'removed',
} as const satisfies Record<MembershipState, GroupActivity>;

/** What people did, as changed rows say it. That somebody's shares end is not told beside that he is out. */
export function activityIn(puts: readonly Put[]): Activity[] {
  const made = new Set(puts.filter(({ entity }) => entity === 'group').map(({ key }) => key));
  const listed = new Set(puts.filter(({ entity, value }) => entity === 'content' && value).map(({ key }) => key));
  const people: Activity[] = [];
  const files = new Map<string, Activity>();
  for (const { entity, key, value } of puts) {
    const [gid = '', second = '', third = ''] = keyParts(key);
    if (made.has(gid)) continue;
    if (entity === 'membership' && value) {
      people.push({ gid, what: standings[(value as Entities['membership']).state], uid: second });
    } else if (entity === 'preferred_owner' && value) {
      people.push({ gid, what: 'owns', uid: (value as Entities['preferred_owner']).uid });
    } else if (entity === 'intent' && files.size < MOST_FILES) {
      const what = value === null ? 'stopped' : listed.has(`${gid}/${second}`) ? 'listed' : 'shared';
      files.set(`${gid}/${second}/${third}`, { gid, what, uid: third, infoHash: second });
    }
  }
  const isOut = (file: Activity) =>
    people.some(({ gid, uid, what }) => gid === file.gid && uid === file.uid && what !== 'owns');
  return [...people, ...[...files.values()].filter((file) => !isOut(file))];
}
