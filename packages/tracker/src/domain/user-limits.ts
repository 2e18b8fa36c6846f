import { PeerageError } from '@peerage/contract';
import { keys } from './entities.ts';
import type { Limits } from './limits.ts';
import { type Reading, scan } from './rule.ts';
import { livingGroup } from './standing.ts';

export function* requireRoomForGroup(uid: string, { groupsPerUser }: Limits, whoIs: string): Reading<void> {
  const rows = yield* scan('membership_of_user', keys.membershipOfUser(uid, ''));
  if (rows.filter((row) => row.value.state === 'member').length < groupsPerUser) return;
  throw new PeerageError(
    'limit',
    `${whoIs} a member of ${groupsPerUser} groups, more are not allowed: leave one first`,
  );
}

export function* requireRoomForRequest(uid: string, { openRequestsPerUser }: Limits): Reading<void> {
  const rows = yield* scan('membership_of_user', keys.membershipOfUser(uid, ''));
  const pending = rows.filter((row) => row.value.state === 'pending');
  if (pending.length < openRequestsPerUser) return;
  let open = 0;
  for (const row of pending) {
    const group = yield* livingGroup(row.key.slice(uid.length + 1)); // a request to a group that has ended counts no more
    if (group) open++;
  }
  if (open < openRequestsPerUser) return;
  throw new PeerageError(
    'limit',
    `you have ${open} open join requests, more are not allowed: wait until some are decided`,
  );
}
