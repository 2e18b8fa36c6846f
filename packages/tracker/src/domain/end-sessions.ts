import { keys } from './entities.ts';
import { end, type Put, type Reading, scan } from './rule.ts';

/** Ends a user's sessions at this tracker: those of one device, or those of all devices but one. */
export function* endSessions(uid: string, which: { of: string } | { exceptOf: string | null }): Reading<Put[]> {
  const sessions = yield* scan('device_session', keys.device(uid, ''));
  return sessions
    .filter((row) => {
      const device = row.key.slice(uid.length + 1);
      return 'of' in which ? device === which.of : device !== which.exceptOf;
    })
    .flatMap((row) => [end('session', row.value.tokenHash), end('device_session', row.key)]);
}
