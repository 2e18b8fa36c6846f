import { randomBytes } from 'node:crypto';
import { PeerageError } from '@peerage/contract';
import { deviceId, isLoginSigned, requireOwnCreation } from '../accounts/device-keys.ts';
import { newToken, tokenHash } from '../accounts/sessions.ts';
import type { OpenedSession } from '../domain/open-session.ts';
import { asking, commanding, type Handlers, settled } from './handler.ts';
import type { Services } from './services.ts';

const sessionAnswer = ({ nowMs }: Services, token: string, opened: OpenedSession) => ({
  token,
  user: { id: opened.uid, name: opened.name },
  deviceId: opened.device,
  presenceSession: opened.presenceSession,
  nowMs: nowMs(),
});

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
  async createUser({ writer, passwords }, { body }) {
    const { id: uid, ...creation } = body.create;
    requireOwnCreation('user', uid, creation);
    await writer.run('userCreated', { uid, creation }); // a taken name is refused before a hash is paid for
    const passwordHash = await passwords.hash(body.password);
    const user = await writer.run('createUser', { uid, creation, passwordHash, epoch: body.commandId });
    return { ...settled, user: { id: user.uid, name: user.name } };
  },

  async login(services, { body }) {
    const { writer, passwords } = services;
    const credential = await writer.run('credentialOf', { name: body.name });
    const fits = await passwords.verify(body.password, credential?.hash);
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

  async challenge({ challenges }, { body }) {
    return { challenge: challenges.make(body.user, body.device) };
  },

  async deviceLogin(services, { body }) {
    const { user: uid, device: publicKey, challenge, signature } = body;
    const open = services.challenges.take(challenge, uid, publicKey);
    if (!open || !isLoginSigned(uid, publicKey, challenge, signature)) {
      throw new PeerageError('bad_credentials', 'this device has to log in with the password');
    }
    const token = newToken();
    const device = deviceId(uid, publicKey);
    const opened = await services.writer.run('logInByDevice', { uid, device, tokenHash: tokenHash(token) });
    return sessionAnswer(services, token, opened);
  },

  async logout({ writer }, request) {
    await writer.run('logOut', {}, commanding(request));
    return settled;
  },

  async changePassword({ writer, passwords }, request) {
    const { current, next } = request.body;
    const caller = commanding(request);
    if (await writer.tookEffect(caller)) return settled; // the present password is the new one by now
    const credential = await writer.run('credentialOf', { uid: request.session.uid });
    const fits = await passwords.verify(current, credential?.hash);
    if (!credential || !fits) throw new PeerageError('bad_credentials', 'the present password is wrong');
    const nextHash = await passwords.hash(next);
    await writer.run('changePassword', { verifiedHash: credential.hash, nextHash }, caller);
    return settled;
  },

  async renameUser({ writer }, request) {
    await writer.run('renameUser', { name: request.body.name }, commanding(request));
    return settled;
  },

  async me({ nowMs }, { session }) {
    return { user: { id: session.uid, name: session.name }, deviceId: session.device, nowMs: nowMs() };
  },

  async listDevices({ writer, presence }, request) {
    const devices = await writer.run('listDevices', {}, asking(request));
    return { devices: devices.map((device) => ({ ...device, online: presence.isOnline(device.id) })) };
  },

  async revokeDevice({ writer }, request) {
    await writer.run('revokeDevice', { device: request.params.device }, commanding(request));
    return settled;
  },
};
