import { type Entities, keyParts, keys } from './entities.ts';
import { end, type Put, put } from './rule.ts';

/** The index rows that follow from a row, and the application that a membership is. They belong into the same commit as the row itself. */
export function indexRows(changed: Put): Put[] {
  switch (changed.entity) {
    case 'membership': {
      const [gid = '', uid = ''] = keyParts(changed.key);
      const key = keys.membershipOfUser(uid, gid);
      const value = changed.value as Entities['membership'] | null;
      const state = value?.state;
      return [
        ...(value ? [put('application', keys.application(gid, uid, value.applicationId), value)] : []),
        state === 'member' || state === 'pending'
          ? put('membership_of_user', key, { state })
          : end('membership_of_user', key),
      ];
    }
    case 'content': {
      const [gid = '', infoHash = ''] = keyParts(changed.key);
      const value = changed.value as Entities['content'] | null;
      return value ? [put('file_name', keys.fileName(gid, value.name, infoHash), { infoHash })] : [];
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

export const withIndexRows = (puts: readonly Put[]): Put[] => [...puts, ...puts.flatMap(indexRows)];
