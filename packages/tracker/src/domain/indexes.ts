import { type Entities, keyParts, keys } from './entities.ts';
import { end, type Put, put } from './rule.ts';

/** The index rows that follow from a row. They belong into the same commit as the row itself. */
export function indexRows(changed: Put): Put[] {
  switch (changed.entity) {
    case 'membership': {
      const [gid = '', uid = ''] = keyParts(changed.key);
      const key = keys.membershipOfUser(uid, gid);
      const state = (changed.value as Entities['membership'] | null)?.state;
      return [
        state === 'member' || state === 'pending'
          ? put('membership_of_user', key, { state })
          : end('membership_of_user', key),
      ];
    }
    case 'intent': {
      const [gid = '', infoHash = '', uid = '', device = ''] = keyParts(changed.key);
      const key = keys.intentOfDevice(uid, device, gid, infoHash);
      const value = changed.value as Entities['intent'] | null;
      return [value ? put('intent_of_device', key, value) : end('intent_of_device', key)];
    }
    default:
      return [];
  }
}
