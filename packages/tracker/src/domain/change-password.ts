import { PeerageError } from '@peerage/contract';
import { endSessions } from './end-sessions.ts';
import { keys } from './entities.ts';
import { revocationsIn, revokingLogins, type Taken } from './revoke.ts';
import { type ActorContext, type Context, get, type Put, put, type Rule } from './rule.ts';

export interface ChangePassword {
  /** The stored hash that the present password was compared with. */
  readonly verifiedHash: string;
  readonly nextHash: string;
}

/** A new password and a new epoch: only the device that asked stays logged in. */
export function* changePassword(command: ChangePassword, context: ActorContext): Rule<Taken> {
  const { uid, device } = context.actor;
  const credential = yield* get('credential', uid);
  if (credential?.value.hash !== command.verifiedHash) {
    throw new PeerageError('bad_credentials', 'the present password is wrong');
  }
  const epoch = context.commandId;
  const login = yield* get('login', keys.device(uid, device));
  const mine = yield* get('device_session', keys.device(uid, device));
  const session = mine && (yield* get('session', mine.value.tokenHash));
  const puts: Put[] = [put('credential', uid, { hash: command.nextHash, epoch, changedAt: context.now })];
  if (login) puts.push(put('login', login.key, { ...login.value, epoch }));
  if (session) puts.push(put('session', session.key, { ...session.value, epoch }));
  puts.push(...(yield* revokingLogins(uid, device, context)));
  const revoked = revocationsIn(puts);
  return { puts: [...puts, ...(yield* endSessions(uid, { exceptOf: device }))], result: { revoked } };
}

export interface ResetPassword {
  readonly uid: string;
  readonly nextHash: string;
  readonly epoch: string;
}

/** The operator's new password for a user: every device has to give it. */
export function* resetPassword({ uid, nextHash, epoch }: ResetPassword, context: Context): Rule<object> {
  const ended = yield* endSessions(uid, { exceptOf: null });
  const revoked = yield* revokingLogins(uid, null, context);
  const credential = put('credential', uid, { hash: nextHash, epoch, changedAt: context.now });
  return { puts: [credential, ...revoked, ...ended], result: {} };
}
