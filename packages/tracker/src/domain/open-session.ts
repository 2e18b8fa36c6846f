import { PeerageError } from '@peerage/contract';
import { keys } from './entities.ts';
import { userName } from './names.ts';
import { type Context, end, get, type Put, put, type Reading, type Rule, scan } from './rule.ts';

export interface PasswordLogin {
  readonly uid: string;
  readonly device: string;
  readonly publicKey: string;
  readonly label: string;
  readonly tokenHash: string;
  readonly loginId: string;
  /** The stored hash that the password was compared with: if it changed meanwhile, the login is void. */
  readonly verifiedHash: string;
}

export interface OpenedSession {
  readonly uid: string;
  readonly name: string;
  readonly device: string;
  readonly presenceSession: number;
}

const WRONG = 'user id or password is wrong';
const PASSWORD_NEEDED = 'this device has to log in with the password';

/** A login with the password, which was verified before; the device is known from then on. */
export function* logInByPassword(command: PasswordLogin, context: Context): Rule<OpenedSession> {
  const { uid, device } = command;
  const deviceKey = keys.device(uid, device);
  const credential = yield* get('credential', uid);
  if (credential?.value.hash !== command.verifiedHash) throw new PeerageError('bad_credentials', WRONG);
  const known = yield* get('device', deviceKey);
  if (known?.value.revoked) {
    throw new PeerageError('bad_credentials', 'this device was revoked and can not log in again: use a new --home');
  }
  const login = yield* get('login', deviceKey);
  if (!login?.value.on) yield* requireRoomForDevice(uid, context);
  const { epoch } = credential.value;
  const session = yield* newSession(uid, device, command.tokenHash, epoch, context);
  const added = known?.value ?? { publicKey: command.publicKey, addedAt: context.now, revoked: false };
  return {
    puts: [
      put('device', deviceKey, { ...added, label: command.label }),
      put('login', deviceKey, { id: command.loginId, epoch, on: true, at: context.now }),
      ...session.puts,
    ],
    result: session.result,
  };
}

function* requireRoomForDevice(uid: string, { limits }: Context): Reading<void> {
  const logins = yield* scan('login', `${uid}/`);
  if (logins.filter((login) => login.value.on).length < limits.devicesPerUser) return;
  throw new PeerageError(
    'limit',
    `you are logged in on ${limits.devicesPerUser} devices, more are not allowed: log out on one, or revoke one with revoke_device`,
  );
}

export interface DeviceLogin {
  readonly uid: string;
  readonly device: string;
  readonly tokenHash: string;
}

/** A login with the device's key, whose signature was verified before. */
export function* logInByDevice(command: DeviceLogin, context: Context): Rule<OpenedSession> {
  const { uid, device } = command;
  const credential = yield* get('credential', uid);
  const known = yield* get('device', keys.device(uid, device));
  const login = yield* get('login', keys.device(uid, device));
  const current = known && !known.value.revoked && login?.value.on && login.value.epoch === credential?.value.epoch;
  if (!current) throw new PeerageError('bad_credentials', PASSWORD_NEEDED);
  return yield* newSession(uid, device, command.tokenHash, login.value.epoch, context);
}

/** A device has one session at a tracker: a new one ends the one before. */
function* newSession(
  uid: string,
  device: string,
  tokenHash: string,
  epoch: string,
  { now }: Context,
): Rule<OpenedSession> {
  const former = yield* get('device_session', keys.device(uid, device));
  const name = yield* userName(uid);
  const puts: Put[] = [
    put('session', tokenHash, { uid, device, presenceSession: now, epoch }),
    put('device_session', keys.device(uid, device), { tokenHash }),
  ];
  if (former) puts.push(end('session', former.value.tokenHash));
  return { puts, result: { uid, name, device, presenceSession: now } };
}

/** The session that a token opens, or undefined: never was, replaced, logged out, revoked, or of an older password. */
export function* sessionOf({ tokenHash }: { tokenHash: string }): Reading<OpenedSession | undefined> {
  const session = yield* get('session', tokenHash);
  if (!session) return undefined;
  const { uid, device, presenceSession, epoch } = session.value;
  const credential = yield* get('credential', uid);
  const known = yield* get('device', keys.device(uid, device));
  const login = yield* get('login', keys.device(uid, device));
  if (credential?.value.epoch !== epoch || known?.value.revoked !== false || login?.value.on !== true) return undefined;
  const name = yield* userName(uid);
  return { uid, name, device, presenceSession };
}
