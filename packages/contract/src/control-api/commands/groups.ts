import { z } from 'zod';
import { ShownName, Standing, TimeMs } from '../../values.ts';
import { command, inGroup, memberInGroup, Name, none, settled } from './command.ts';

export const groupCommands = {
  invite: command(
    'one line that tells another person where a group is',
    inGroup,
    z.object({
      group: ShownName,
      invitation: z.string(),
      trackers: z.array(z.object({ address: z.string(), pin: z.string().nullable() })),
    }),
  ),
  join: command(
    'ask to become a member of the group that an invitation names',
    z.strictObject({ invitation: z.string().max(4096) }),
    /** `asked`: false where nobody is logged in: then it is asked at the next login. */
    z.object({ group: ShownName, asked: z.boolean(), settled: z.boolean() }),
  ),
  create_group: command('make a group that you own', inGroup, settled),
  join_group: command('ask to become a member', inGroup, settled),
  leave_group: command(
    'leave a group',
    inGroup,
    settled.extend({ new_owner: ShownName.optional(), ended: z.boolean() }),
  ),
  rename_group: command(
    'give a group a new name after a name conflict',
    z.strictObject({ group: Name, name: Name }),
    settled,
  ),
  list_groups: command(
    'all groups, with your standing in each',
    none,
    z.object({
      groups: z.array(
        z.object({
          id: ShownName,
          owner: ShownName,
          members: z.number().int(),
          standing: Standing,
          requests: z.number().int().optional(),
        }),
      ),
    }),
  ),
  list_requests: command(
    'pending join requests of a group that you own',
    inGroup,
    z.object({ requests: z.array(z.object({ user: ShownName, requested_at: TimeMs })) }),
  ),
  accept_request: command('make somebody a member', memberInGroup, settled),
  reject_request: command('turn a join request down', memberInGroup, settled),
  list_members: command(
    'members of a group',
    inGroup,
    z.object({
      members: z.array(
        z.object({
          user: ShownName,
          role: z.enum(['owner', 'member']),
          online: z.boolean(),
          since: TimeMs,
          /** Null while online, and where the tracker that serves did not see it. */
          last_seen: TimeMs.nullable(),
        }),
      ),
    }),
  ),
  remove_member: command('put a member out of a group that you own', memberInGroup, settled),
  hand_over: command('make another member the owner of a group that you own', memberInGroup, settled),
} as const;
