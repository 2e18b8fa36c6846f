import { PeerageError } from '@peerage/contract';
import { endIntents, intentsOfDevice } from './end-intents.ts';
import { endSessions } from './end-sessions.ts';
import { keys } from './entities.ts';
import { revocationsIn, revoking, type Taken } from './revoke.ts';
import { type ActorContext, get, type Put, put, type Rule } from './rule.ts';

/** Puts one of the user's devices out for ever: its sessions, its logins and its intents to share end. */
export function* revokeDevice(command: { device: string }, context: ActorContext): Rule<Taken> {
  const { actor } = context;
  const key = keys.device(actor.uid, command.device);
  const device = yield* get('device', key);
  if (!device) throw new PeerageError('no_such_device', 'you have no device of that id: devices shows which there are');
  if (device.value.revoked) return { puts: [], result: { revoked: [] } };
  const login = yield* get('login', key);
  const puts: Put[] = [
    put('device', key, { ...device.value, revoked: true }),
    revoking('device', command.device, context),
  ];
  if (login) puts.push(put('login', key, { ...login.value, on: false }));
  puts.push(...(yield* endSessions(actor.uid, { of: command.device })));
  puts.push(...endIntents(yield* intentsOfDevice(actor.uid, command.device)));
  return { puts, result: { revoked: revocationsIn(puts) } };
}
