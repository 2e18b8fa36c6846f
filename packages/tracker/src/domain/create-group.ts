import { foldName, PeerageError } from '@peerage/contract';
import { type Creation, keys } from './entities.ts';
import { holderOfName, quoted, requireName } from './names.ts';
import { type ActorContext, get, put, type Rule } from './rule.ts';
import { requireRoomForGroup } from './user-limits.ts';

export interface CreateGroup {
  /** Checked against the creation and its signature before. */
  readonly gid: string;
  readonly creation: Creation;
  /** 32 random bytes, as hex. */
  readonly labelKey: string;
}

/** Makes a group; the creator is its first member and so its owner. */
export function* createGroup(
  { gid, creation, labelKey }: CreateGroup,
  context: ActorContext,
): Rule<{ gid: string; name: string }> {
  const { uid } = context.actor;
  requireName('group', creation.name);
  const result = { gid, name: creation.name };
  const known = yield* get('group', gid);
  // A creation made twice under two command ids: the group of the first stands, and no membership is written again.
  if (known?.value.creator === uid && known.value.creation.name === creation.name) return { puts: [], result };
  if (known || (yield* holderOfName('group', foldName(creation.name))) !== undefined) {
    throw new PeerageError('group_exists', `the group id ${quoted(creation.name)} is taken: choose another one`);
  }
  yield* requireRoomForGroup(uid, context.limits, 'you are');
  return {
    puts: [
      put('group_name', keys.claim(foldName(creation.name), gid), { claimedAt: context.now, settled: false }),
      put('group', gid, { creation, name: creation.name, renamedAt: 0, creator: uid }),
      put('group_label', gid, { key: labelKey }),
      put('preferred_owner', gid, { uid, at: 0 }),
      put('membership', keys.membership(gid, uid), {
        state: 'member',
        application: 0, // the same in a creation that is made twice
        applicationId: context.effectId,
        since: context.now,
        decidedBy: null,
        refusals: 0,
      }),
    ],
    result,
  };
}
