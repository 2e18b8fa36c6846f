import { PeerageError } from '@peerage/contract';
import { newDeviceKey } from '../library/identities.ts';
import { newCommandId } from '../tracker-link/tracker-link.ts';
import type { Handlers } from './handler.ts';
import { followOpenInvitation } from './invitations.ts';
import { signedCreation } from './signed-creation.ts';

export const accountCommands: Handlers<
  'create_user' | 'login' | 'logout' | 'passwd' | 'rename_user' | 'devices' | 'revoke_device' | 'whoami'
> = {
  async create_user({ link, library }, { user, password }) {
    const key = newDeviceKey();
    const create = signedCreation('user', user, key);
    const answer = await link.call('createUser', { body: { commandId: newCommandId(), create, password } });
    library.identities.save({ uid: answer.user.id, name: answer.user.name, deviceId: '', key });
    return { settled: answer.settled };
  },

  async login(client, { user, password }) {
    const answer = await client.session.logIn(user, password);
    await followOpenInvitation(client);
    return answer;
  },

  logout: ({ session }) => session.logOut(),

  async passwd({ session, link, revocations }, { current, next }) {
    session.required();
    const body = { commandId: newCommandId(), current, next };
    const { settled, revoked } = await link.call('changePassword', { body });
    await revocations.brought(revoked);
    return { settled };
  },

  async rename_user({ session, link, library }, { name }) {
    const account = session.required();
    const { settled } = await link.call('renameUser', { body: { commandId: newCommandId(), name } });
    library.identities.save({ ...account, name });
    return { settled };
  },

  async devices({ session, link }) {
    session.required();
    const { devices } = await link.call('listDevices', {});
    return {
      devices: devices.map((device) => ({
        device: device.id,
        label: device.label,
        added_at: device.addedAt,
        state: device.state,
        online: device.online,
        current: device.current,
      })),
    };
  },

  async revoke_device({ session, link, revocations }, { device }) {
    session.required();
    const { devices } = await link.call('listDevices', {});
    const id = onlyDevice(devices, device);
    const body = { commandId: newCommandId() };
    const { settled, revoked } = await link.call('revokeDevice', { params: { device: id }, body });
    await revocations.brought(revoked);
    return { settled };
  },

  async whoami({ session }) {
    const account = session.account;
    return { user: account?.name ?? null, device: account?.deviceId ?? null };
  },
};

/** A device by the beginning of its id, or by its label where only one has it. */
function onlyDevice(devices: readonly { id: string; label: string }[], wanted: string): string {
  const matches = devices.filter(({ id, label }) => id.startsWith(wanted.toLowerCase()) || label === wanted);
  if (wanted !== '' && matches.length === 1) return matches[0]!.id;
  throw new PeerageError(
    'no_such_device',
    matches.length === 0
      ? `none of your devices is '${wanted}': 'devices' lists them`
      : `'${wanted}' names ${matches.length} of your devices: give more of the id`,
  );
}
