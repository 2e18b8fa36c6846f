import { z } from 'zod';
import type { RouteTable } from '../http-api/route.ts';
import { CommandId, Id, ShownName, TimeMs } from '../values.ts';
import { Command, Creation, Group, GroupRow, Settled, Taking, TypedName } from './shapes.ts';

/** Groups, their members and who asks to be one. */
export const groupRoutes = {
  createGroup: {
    method: 'POST',
    path: '/v1/groups',
    summary: 'Make a group; the creator owns it.',
    session: true,
    body: z.strictObject({ commandId: CommandId, create: Creation }),
    answer: Settled.extend({ group: z.object({ id: Id, name: ShownName }) }),
  },
  listGroups: {
    method: 'GET',
    path: '/v1/groups',
    summary: "All groups, with the caller's standing in each.",
    session: true,
    answer: z.object({ groups: z.array(GroupRow) }),
  },
  findGroup: {
    method: 'GET',
    path: '/v1/groups/by-name/:name',
    summary: 'One group by its name, ignoring case.',
    session: true,
    params: z.object({ name: TypedName }),
    answer: GroupRow,
  },
  renameGroup: {
    method: 'PUT',
    path: '/v1/groups/:group/name',
    summary: 'A new name for a group that lost its name to one made on the other side of a cut; owner only.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, name: TypedName }),
    answer: Settled,
  },
  joinGroup: {
    method: 'POST',
    path: '/v1/groups/:group/requests',
    summary: 'File a join request.',
    session: true,
    params: Group,
    body: Command,
    answer: Settled,
  },
  listRequests: {
    method: 'GET',
    path: '/v1/groups/:group/requests',
    summary: 'Pending join requests, oldest first; owner only.',
    session: true,
    params: Group,
    answer: z.object({ requests: z.array(z.object({ user: ShownName, userId: Id, requestedAt: TimeMs })) }),
  },
  decideRequest: {
    method: 'POST',
    path: '/v1/groups/:group/requests/decide',
    summary: 'Accept or reject a join request; owner only. The first decision wins.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, user: TypedName, decision: z.enum(['accept', 'reject']) }),
    answer: Settled,
  },
  leaveGroup: {
    method: 'POST',
    path: '/v1/groups/:group/leave',
    summary: 'Leave; an owner hands over to the longest-standing member; the last one ends the group.',
    session: true,
    params: Group,
    body: Command,
    answer: Taking.extend({ newOwner: ShownName.optional(), ended: z.boolean() }),
  },
  handOverGroup: {
    method: 'PUT',
    path: '/v1/groups/:group/owner',
    summary: 'Make another member the owner; owner only, who stays a member.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, user: TypedName }),
    answer: Settled,
  },
  listMembers: {
    method: 'GET',
    path: '/v1/groups/:group/members',
    summary: 'Members, longest-standing first; members only.',
    session: true,
    params: Group,
    answer: z.object({
      members: z.array(
        z.object({
          user: ShownName,
          userId: Id,
          role: z.enum(['owner', 'member']),
          online: z.boolean(),
          /** When the last device went offline, where this tracker saw it. */
          lastSeen: TimeMs.optional(),
          since: TimeMs,
        }),
      ),
    }),
  },
  removeMember: {
    method: 'POST',
    path: '/v1/groups/:group/members/remove',
    summary: 'Remove a member; owner only. What was shared by that member only is listed no more.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, user: TypedName }),
    answer: Taking,
  },
} as const satisfies RouteTable;
