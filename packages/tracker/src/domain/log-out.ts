import { endSessions } from './end-sessions.ts';
import { keys } from './entities.ts';
import { revocationsIn, revoking, type Taken } from './revoke.ts';
import { type ActorContext, get, type Put, put, type Rule } from './rule.ts';

/** Ends the session; the device needs the password again. Its intents to share stay, for the next login. */
export function* logOut(_command: object, context: ActorContext): Rule<Taken> {
  const { actor } = context;
  const key = keys.device(actor.uid, actor.device);
  const login = yield* get('login', key);
  const ended = yield* endSessions(actor.uid, { of: actor.device });
  const puts: Put[] = login
    ? [put('login', key, { ...login.value, on: false }), revoking('login', login.value.id, context)]
    : [];
  return { puts: [...puts, ...ended], result: { revoked: revocationsIn(puts) } };
}
