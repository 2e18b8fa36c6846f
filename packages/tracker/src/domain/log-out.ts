import { endSessions } from './end-sessions.ts';
import { keys } from './entities.ts';
import { type ActorContext, get, put, type Rule } from './rule.ts';

/** Ends the session; the device needs the password again. Its intents to share stay, for the next login. */
export function* logOut(_command: object, { actor }: ActorContext): Rule<object> {
  const key = keys.device(actor.uid, actor.device);
  const login = yield* get('login', key);
  const ended = yield* endSessions(actor.uid, { of: actor.device });
  return { puts: [...(login ? [put('login', key, { ...login.value, on: false })] : []), ...ended], result: {} };
}
