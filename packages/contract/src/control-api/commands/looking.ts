import { z } from 'zod';
import { GroupActivity, ShownName, TimeMs } from '../../values.ts';
import { command, fileInGroup, Name } from './command.ts';

/** Something that happened in a group or to a transfer. */
const ActivityEntry = z.object({
  at: TimeMs,
  what: z.enum([...GroupActivity.options, 'fetched', 'failed', 'state', 'problem', 'banned']),
  /** Who did it; null: this client. */
  user: ShownName.nullable(),
  file: z.string().nullable(),
  /** The same for people. */
  message: z.string(),
});
export type ActivityEntry = z.infer<typeof ActivityEntry>;

export const lookingCommands = {
  show_transfer: command(
    'one download or share, looked at closely: its pieces, its peers, its rates',
    fileInGroup,
    z.object({
      pieces: z.number().int(),
      have: z.number().int(),
      /** All pieces in order, several to a cell where there are many. */
      cells: z.array(
        z.object({
          pieces: z.number().int(),
          have: z.number().int(),
          requested: z.number().int(),
          skipped: z.number().int(),
          /** Connected peers that have the rarest of them. */
          availability: z.number().int(),
        }),
      ),
      peers: z.array(
        z.object({
          user: z.string(),
          device: z.string(),
          address: z.string(),
          has_pieces: z.number().int(),
          down_rate: z.number().nonnegative(),
          up_rate: z.number().nonnegative(),
        }),
      ),
      /** Bytes a second, a sample a second, the last ten minutes at most; the last one is now. */
      history: z.array(z.object({ down: z.number().nonnegative(), up: z.number().nonnegative() })),
    }),
  ),
  activity: command(
    'what happened in a group, or to one transfer in it',
    z.strictObject({ group: Name, file: Name.optional() }),
    /** Newest first, since the client started. */
    z.object({ entries: z.array(ActivityEntry) }),
  ),
} as const;
