import type { Revoked } from '@peerage/contract';
import { endIntents, intentsOfDevice, intentsOfMember } from './end-intents.ts';
import { endSessions } from './end-sessions.ts';
import { keyParts } from './entities.ts';
import { revoking } from './revoke.ts';
import { type Context, get, type Put, put, type Reading, type Rule, scan } from './rule.ts';

/** Whose membership, login or device an id is: the row's key; undefined where this tracker has not heard of it. */
export function* holderOf({ kind, id }: Revoked, _context: Context): Reading<string | undefined> {
  switch (kind) {
    case 'application':
      return (yield* scan('membership', '')).find((row) => row.value.applicationId === id)?.key;
    case 'login':
      return (yield* scan('login', '')).find((row) => row.value.id === id)?.key;
    case 'device':
      return (yield* scan('device', '')).find((row) => keyParts(row.key)[1] === id)?.key;
  }
}

interface TakeRevocation extends Revoked {
  /** What {@link holderOf} said. */
  readonly holder: string | undefined;
}

/**
 * Takes another tracker's word that an id counts no more, and ends what it stands for here. A membership becomes `left`: the laxest state that
 * ends it, so that whatever was decided there (a removal is stricter) wins when the trackers meet again.
 */
export function* takeRevocation({ kind, id, holder }: TakeRevocation, context: Context): Rule<object> {
  const puts: Put[] = [revoking(kind, id, context)];
  if (holder === undefined) return { puts, result: {} };
  const [first = '', second = ''] = keyParts(holder);
  if (kind === 'application') {
    const membership = yield* get('membership', holder);
    if (membership?.value.applicationId !== id || membership.value.state !== 'member') return { puts, result: {} };
    puts.push(put('membership', holder, { ...membership.value, state: 'left', since: context.now, decidedBy: null }));
    puts.push(...endIntents(yield* intentsOfMember(first, second)));
    return { puts, result: {} };
  }
  const login = yield* get('login', holder);
  if (kind === 'login') {
    if (login?.value.id !== id) return { puts, result: {} };
    puts.push(put('login', holder, { ...login.value, on: false }));
  } else {
    const device = yield* get('device', holder);
    if (device) puts.push(put('device', holder, { ...device.value, revoked: true }));
    if (login) puts.push(put('login', holder, { ...login.value, on: false }));
    puts.push(...endIntents(yield* intentsOfDevice(first, second)));
  }
  puts.push(...(yield* endSessions(first, { of: second })));
  return { puts, result: {} };
}
