import { z } from 'zod';
import { GroupActivity, ShownName, SizeBytes } from '../values.ts';
import { Download } from './commands/downloads.ts';
import { Share } from './commands/sharing.ts';

/** What changes all the time while a download runs; units as in `Download`. */
const Movement = Download.pick({
  id: true,
  state: true,
  done: true,
  rate: true,
  peers: true,
  up_rate: true,
  uploaded: true,
  availability: true,
});
export type Movement = z.infer<typeof Movement>;

/** What a client tells its skins without being asked; numbered by the control API that carries it. */
export const ControlEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('download_changed'), download: Download }),
  /** Only the numbers of downloads that move: all else of them is as it was told last. */
  z.object({ type: z.literal('downloads_moved'), downloads: z.array(Movement) }),
  /** The numbers of a share that moved; units as in `Share`. */
  z.object({
    type: z.literal('share_moved'),
    ...Share.pick({ group: true, file: true, uploaded: true, up_rate: true, peers: true }).shape,
  }),
  z.object({ type: z.literal('download_removed'), id: z.string() }),
  z.object({ type: z.literal('download_completed'), download: Download }),
  z.object({ type: z.literal('download_failed'), download: Download }),
  z.object({ type: z.literal('join_requested'), group: ShownName, user: ShownName }),
  /** What somebody did in a group of this user. */
  z.object({
    type: z.literal('group_activity'),
    group: ShownName,
    what: GroupActivity,
    user: ShownName,
    /** What was shared, or is shared no more. */
    file: z.string().optional(),
  }),
  /** `activity` of the group tells more than before. */
  z.object({ type: z.literal('activity_changed'), group: ShownName }),
  z.object({ type: z.literal('standing_changed'), group: ShownName, standing: z.string() }),
  /** Bytes a second over all transfers; at most once a second. */
  z.object({
    type: z.literal('rates_changed'),
    down_rate: z.number().nonnegative(),
    up_rate: z.number().nonnegative(),
    /** Connected devices, over all transfers; one that is connected for two counts once. */
    peers: z.number().int().nonnegative(),
  }),
  /** A member connected to this client for the first time since it started. */
  z.object({ type: z.literal('reached') }),
  /** What may be sent and received is another than before. */
  z.object({ type: z.literal('limits_changed') }),
  /** The catalogue of one of this user's groups. */
  z.object({ type: z.literal('files_changed') }),
  z.object({ type: z.literal('user_changed'), user: ShownName.nullable() }),
  z.object({ type: z.literal('share_problem'), group: ShownName, file: z.string(), message: z.string() }),
  /** A peer of a transfer is cut off, and why. */
  z.object({ type: z.literal('peer_banned'), group: ShownName, file: z.string(), message: z.string() }),
  z.object({ type: z.literal('tracker_changed'), address: z.string().nullable(), message: z.string() }),
  /** One line that a person should see (a tracker's key, a name conflict). */
  z.object({ type: z.literal('notice'), message: z.string() }),
  /** Some events were missed: what is shown has to be asked for anew. */
  z.object({ type: z.literal('resync') }),
]);
export type ControlEvent = z.infer<typeof ControlEvent>;

/** How far a long command is; only for the caller that started it. */
export interface Progress {
  readonly what: 'hashing' | 'verifying';
  readonly doneBytes: number;
  readonly totalBytes: number;
}
export const ProgressSchema = z.object({
  what: z.enum(['hashing', 'verifying']),
  doneBytes: SizeBytes,
  totalBytes: SizeBytes,
});
