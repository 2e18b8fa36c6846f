import { z } from 'zod';
import { DerBase64, GroupActivity, Id, InfoHashHex, ShownName, SignedRevocation } from '../values.ts';

/** What a tracker tells a session without being asked. Facts to look at again, never state of their own: after `resync` a client reads everything anew. */
export const TrackerEvent = z.discriminatedUnion('type', [
  /** The numbers have a gap: read everything anew. */
  z.object({ type: z.literal('resync') }),
  /** Peers of a share that this device shares or downloads came or went. */
  z.object({ type: z.literal('peers_changed'), group: Id, infoHash: InfoHashHex }),
  /** A join request reached a group that this user owns. */
  z.object({ type: z.literal('join_requested'), group: Id, groupName: ShownName, user: ShownName }),
  /** This user's standing in a group changed. */
  z.object({
    type: z.literal('standing_changed'),
    group: Id,
    groupName: ShownName,
    standing: z.enum(['owner', 'member', 'pending', 'rejected', 'removed', 'left']),
  }),
  /** A request to join a group of this user was accepted at one tracker and rejected at another while they were cut from each other: it counts as rejected. */
  z.object({ type: z.literal('decided_twice'), group: Id, groupName: ShownName, user: ShownName }),
  /** This user's name, or that of a group that he owns, is another's since two trackers met: `trackers` says which. */
  z.object({ type: z.literal('names_changed') }),
  /** What somebody did in a group of this user, for whoever looks on: told once, and not to whom it escaped. Of a request only the owner hears. */
  z.object({
    type: z.literal('group_activity'),
    group: Id,
    groupName: ShownName,
    what: GroupActivity,
    user: ShownName,
    /** What was shared, or is shared no more. */
    file: z.string().max(1024).optional(),
  }),
  /** The catalogue of a group of this user changed. */
  z.object({ type: z.literal('files_changed'), group: Id }),
  /** Certificates that name one of these ids are refused from now on: all there are at the beginning of a stream, later the new ones. */
  z.object({ type: z.literal('revocations'), revoked: z.array(SignedRevocation) }),
  /** Others issue certificates soon, or some never again: ask for certificates anew at a moment of one's own within that time. */
  z.object({
    type: z.literal('issuers_changed'),
    withinMs: z.number().int().nonnegative(),
    retired: z.array(DerBase64),
  }),
  /** The session ended (logout elsewhere, device revoked, password changed): nothing more comes. */
  z.object({ type: z.literal('session_ended'), reason: z.string() }),
]);
export type TrackerEvent = z.infer<typeof TrackerEvent>;
