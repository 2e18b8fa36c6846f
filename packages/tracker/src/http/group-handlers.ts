import { randomBytes } from 'node:crypto';
import { PeerageError } from '@peerage/contract';
import { deviceId, requireOwnCreation } from '../accounts/device-keys.ts';
import { asking, commanding, type Handlers, settling, settlingName } from './handler.ts';

export const groupHandlers: Handlers<
  | 'createGroup'
  | 'listGroups'
  | 'findGroup'
  | 'renameGroup'
  | 'joinGroup'
  | 'listRequests'
  | 'decideRequest'
  | 'leaveGroup'
  | 'handOverGroup'
  | 'listMembers'
  | 'removeMember'
> = {
  async createGroup(services, request) {
    const { writer, creations } = services;
    const { id: gid, ...creation } = request.body.create;
    requireOwnCreation('group', gid, creation);
    if (deviceId(request.session.uid, creation.device) !== request.session.device) {
      throw new PeerageError(
        'protocol',
        'a group is made by the device that is logged in, this one was signed by another',
      );
    }
    const made = { gid, creation, labelKey: randomBytes(32).toString('hex') };
    const group = await creations.make('groups', request.source, () =>
      writer.run('createGroup', made, commanding(request)),
    );
    return {
      ...(await settlingName(services, { kind: 'group', id: gid })),
      group: { id: group.gid, name: group.name },
    };
  },

  async listGroups({ writer }, request) {
    return { groups: await writer.run('listGroups', {}, asking(request)) };
  },

  async findGroup({ writer }, request) {
    return writer.run('findGroup', { name: request.params.name }, asking(request));
  },

  async renameGroup(services, request) {
    const { writer } = services;
    const gid = request.params.group;
    await writer.run('renameGroup', { gid, name: request.body.name }, commanding(request));
    return settlingName(services, { kind: 'group', id: gid });
  },

  async joinGroup(services, request) {
    const { writer, creations } = services;
    const gid = request.params.group;
    await creations.make('joinRequests', request.source, () => writer.run('joinGroup', { gid }, commanding(request)));
    return settling(services);
  },

  async listRequests({ writer }, request) {
    return { requests: await writer.run('listRequests', { gid: request.params.group }, asking(request)) };
  },

  async decideRequest(services, request) {
    const { writer } = services;
    const { user, decision } = request.body;
    await writer.run('decideRequest', { gid: request.params.group, user, decision }, commanding(request));
    return settling(services);
  },

  async leaveGroup(services, request) {
    const { writer, revocations } = services;
    const left = await writer.run('leaveGroup', { gid: request.params.group }, commanding(request));
    return { ...(await settling(services)), ...left, revoked: revocations.signed(left.revoked) };
  },

  async handOverGroup(services, request) {
    const { writer } = services;
    const { user } = request.body;
    await writer.run('handOverGroup', { gid: request.params.group, user }, commanding(request));
    return settling(services);
  },

  async listMembers({ writer, presence, nowMs }, request) {
    const members = await writer.run('listMembers', { gid: request.params.group }, asking(request));
    const online = presence.usersOnline();
    return {
      members: members.map((member) => {
        const offlineForMs = presence.offlineForMs(member.userId);
        if (online.has(member.userId) || offlineForMs === undefined)
          return { ...member, online: online.has(member.userId) };
        return { ...member, online: false, lastSeen: Math.round(nowMs() - offlineForMs) };
      }),
    };
  },

  async removeMember(services, request) {
    const { writer, revocations } = services;
    const removal = { gid: request.params.group, user: request.body.user };
    const { revoked } = await writer.run('removeMember', removal, commanding(request));
    return { ...(await settling(services)), revoked: revocations.signed(revoked) };
  },
};
