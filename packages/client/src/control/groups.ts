import { newCommandId } from '../tracker-link/tracker-link.ts';
import type { Client, Handlers } from './handler.ts';
import { signedCreation } from './signed-creation.ts';

/** The group of that name as the tracker knows it now; refused with `no_such_group`. */
export function groupNamed({ link }: Pick<Client, 'link'>, name: string) {
  return link.call('findGroup', { params: { name } });
}

export const groupCommands: Handlers<
  | 'create_group'
  | 'join_group'
  | 'leave_group'
  | 'rename_group'
  | 'list_groups'
  | 'list_requests'
  | 'accept_request'
  | 'reject_request'
  | 'list_members'
  | 'remove_member'
  | 'hand_over'
> = {
  async create_group({ session, link }, { group }) {
    const create = signedCreation('group', group, session.required().key);
    const { settled } = await link.call('createGroup', { body: { commandId: newCommandId(), create } });
    return { settled };
  },

  async join_group(client, { group }) {
    client.session.required();
    const { id } = await groupNamed(client, group);
    return client.link.call('joinGroup', { params: { group: id }, body: { commandId: newCommandId() } });
  },

  async leave_group(client, { group }) {
    client.session.required();
    const { id } = await groupNamed(client, group);
    const left = await client.link.call('leaveGroup', { params: { group: id }, body: { commandId: newCommandId() } });
    await client.certificates.left(id);
    await client.revocations.brought(left.revoked);
    await client.sharing.reconcile();
    return { settled: left.settled, ended: left.ended, ...(left.newOwner ? { new_owner: left.newOwner } : {}) };
  },

  async rename_group(client, { group, name }) {
    client.session.required();
    const { id } = await groupNamed(client, group);
    return client.link.call('renameGroup', { params: { group: id }, body: { commandId: newCommandId(), name } });
  },

  async list_groups({ session, link }) {
    session.required();
    const { groups } = await link.call('listGroups', {});
    return {
      groups: groups.map((group) => ({
        id: group.name,
        owner: group.owner,
        members: group.members,
        standing: group.standing,
        ...(group.requests === undefined ? {} : { requests: group.requests }),
      })),
    };
  },

  async list_requests(client, { group }) {
    client.session.required();
    const { id } = await groupNamed(client, group);
    const { requests } = await client.link.call('listRequests', { params: { group: id } });
    return { requests: requests.map((request) => ({ user: request.user, requested_at: request.requestedAt })) };
  },

  accept_request: (client, params) => decide(client, params, 'accept'),
  reject_request: (client, params) => decide(client, params, 'reject'),

  async list_members(client, { group }) {
    client.session.required();
    const { id } = await groupNamed(client, group);
    const { members } = await client.link.call('listMembers', { params: { group: id } });
    return {
      members: members.map(({ user, role, online, since, lastSeen = null }) => ({
        user,
        role,
        online,
        since,
        last_seen: lastSeen,
      })),
    };
  },

  async remove_member(client, { group, user }) {
    client.session.required();
    const { id } = await groupNamed(client, group);
    const body = { commandId: newCommandId(), user };
    const { settled, revoked } = await client.link.call('removeMember', { params: { group: id }, body });
    await client.revocations.brought(revoked);
    return { settled };
  },

  async hand_over(client, { group, user }) {
    client.session.required();
    const { id } = await groupNamed(client, group);
    const body = { commandId: newCommandId(), user };
    return client.link.call('handOverGroup', { params: { group: id }, body });
  },
};

async function decide(client: Client, { group, user }: { group: string; user: string }, decision: 'accept' | 'reject') {
  client.session.required();
  const { id } = await groupNamed(client, group);
  return client.link.call('decideRequest', {
    params: { group: id },
    body: { commandId: newCommandId(), user, decision },
  });
}
