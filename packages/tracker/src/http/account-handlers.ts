import { randomBytes } from 'node:crypto';
import { foldName, PeerageError } from '@peerage/contract';
import { deviceId, isLoginSigned, requireDeviceKey, requireOwnCreation } from '../accounts/device-keys.ts';
import { newToken, tokenHash } from '../accounts/sessions.ts';
import type { OpenedSession } from '../domain/open-session.ts';
import { blocksOf } from '../presence/address-blocks.ts';
import type { QueuedWork } from '../throttle/fair-queue.ts';
import type { PasswordTry } from '../throttle/login-throttle.ts';
import { asking, commanding, type Handlers, settling, settlingName } from './handler.ts';
import type { Services } from './services.ts';

const sessionAnswer = ({ nowMs }: Services, token: string, opened: OpenedSession) => ({
  token,
  user: { id: opened.uid, name: opened.name },
  deviceId: opened.device,
  presenceSession: opened.presenceSession,
  nowMs: nowMs(),
});

/** Stands for the user id where there is none, so that as much is asked of the store. */
const NOBODY = '0'.repeat(32);

const laneOf = ({ source, account, knownDevice }: PasswordTry): QueuedWork => ({
  block: blocksOf(source)[0],
  account,
  isKnown: knownDevice !== undefined,
});

/** Whether a password fits; wrong ones are counted, and too many refused with `throttled` before anything is hashed. */
async function tryPassword(
  { throttle, passwords, replication }: Services,
  from: PasswordTry,
  password: string,
  stored: string | undefined,
): Promise<boolean> {
  const wasRight = throttle.begin(from);
  const fits = await passwords.verify(password, stored, laneOf(from));
  if (fits) wasRight();
  else replication?.tried(from);
  return fits;
}

export const accountHandlers: Handlers<
  | 'createUser'
  | 'login'
  | 'challenge'
  | 'deviceLogin'
  | 'logout'
  | 'changePassword'
  | 'renameUser'
  | 'me'
  | 'listDevices'
  | 'revokeDevice'
> = {
  async createUser(services, { body, source }) {
    const { writer, passwords, creations, signup } = services;
    const { id: uid, ...creation } = body.create;
    requireOwnCreation('user', uid, creation);
    const isRetry = await writer.run('userCreated', { uid, creation }); // a taken name is refused before a hash is paid for
    const make = async () => {
      const lane = { block: blocksOf(source)[0], account: uid, isKnown: false };
      const passwordHash = await passwords.hash(body.password, lane);
      return writer.run('createUser', { uid, creation, passwordHash, epoch: body.commandId });
    };
    if (!isRetry) signup.require();
    const user = isRetry ? await make() : await creations.make('accounts', source, make);
    return { ...(await settlingName(services, { kind: 'user', id: uid })), user: { id: user.uid, name: user.name } };
  },

  async login(services, { body, source, channel }) {
    const { writer } = services;
    requireDeviceKey(body.device, body.proof, channel());
    const credential = await writer.run('credentialOf', { name: body.name });
    const known = deviceId(credential?.uid ?? NOBODY, body.device);
    const isKnown = await writer.run('isKnownDevice', { uid: credential?.uid ?? NOBODY, device: known });
    const account = credential?.uid ?? foldName(body.name);
    const from = { source, account, knownDevice: isKnown ? known : undefined };
    const fits = await tryPassword(services, from, body.password, credential?.hash);
    if (!credential || !fits) throw new PeerageError('bad_credentials', 'user id or password is wrong');
    const { uid, hash: verifiedHash } = credential;
    const token = newToken();
    const opened = await writer.run('logInByPassword', {
      uid,
      device: deviceId(uid, body.device),
      publicKey: body.device,
      label: body.label,
      tokenHash: tokenHash(token),
      loginId: randomBytes(16).toString('hex'),
      verifiedHash,
    });
    return sessionAnswer(services, token, opened);
  },

  async challenge({ challenges }, { body, channel }) {
    return { challenge: challenges.make(body.user, body.device, channel()) };
  },

  async deviceLogin(services, { body, channel }) {
    const { user: uid, device: publicKey, challenge, signature } = body;
    const here = channel();
    const open = services.challenges.take(challenge, uid, publicKey, here);
    if (!open || !isLoginSigned({ uid, publicKey, challenge, signature }, here)) {
      throw new PeerageError('bad_credentials', 'this device has to log in with the password');
    }
    const token = newToken();
    const device = deviceId(uid, publicKey);
    const opened = await services.writer.run('logInByDevice', { uid, device, tokenHash: tokenHash(token) });
    return sessionAnswer(services, token, opened);
  },

  async logout(services, request) {
    const { writer, revocations } = services;
    const { revoked } = await writer.run('logOut', {}, commanding(request));
    return { ...(await settling(services)), revoked: revocations.signed(revoked) };
  },

  async changePassword(services, request) {
    const { writer, passwords, revocations } = services;
    const { current, next } = request.body;
    const caller = commanding(request);
    const change = async (hashes: { verifiedHash: string; nextHash: string }) => {
      const { revoked } = await writer.run('changePassword', hashes, caller);
      return { ...(await settling(services)), revoked: revocations.signed(revoked) };
    };
    if (await writer.tookEffect(caller)) return change({ verifiedHash: '', nextHash: '' }); // the present password is the new one by now
    const { uid, device } = request.session;
    const credential = await writer.run('credentialOf', { uid });
    const from = { source: request.source, account: uid, knownDevice: device };
    const fits = await tryPassword(services, from, current, credential?.hash);
    if (!credential || !fits) throw new PeerageError('bad_credentials', 'the present password is wrong');
    const nextHash = await passwords.hash(next, laneOf(from));
    return change({ verifiedHash: credential.hash, nextHash });
  },

  async renameUser(services, request) {
    const { writer } = services;
    await writer.run('renameUser', { name: request.body.name }, commanding(request));
    return settlingName(services, { kind: 'user', id: request.session.uid });
  },

  async me({ nowMs }, { session }) {
    return { user: { id: session.uid, name: session.name }, deviceId: session.device, nowMs: nowMs() };
  },

  async listDevices({ writer, presence }, request) {
    const devices = await writer.run('listDevices', {}, asking(request));
    return { devices: devices.map((device) => ({ ...device, online: presence.isOnline(device.id) })) };
  },

  async revokeDevice(services, request) {
    const { writer, revocations } = services;
    const { revoked } = await writer.run('revokeDevice', { device: request.params.device }, commanding(request));
    return { ...(await settling(services)), revoked: revocations.signed(revoked) };
  },
};
