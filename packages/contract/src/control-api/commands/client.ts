import { z } from 'zod';
import { ShownName, SizeBytes } from '../../values.ts';
import { command, Name, none, Path } from './command.ts';

/** Bytes a second. */
const LimitRate = z.number().int().min(16_000).max(1e12);
const LimitPair = z.object({ up: LimitRate.nullable(), down: LimitRate.nullable() });

const TrackerLine = z.object({
  address: z.string(),
  serving: z.boolean(),
  reachable: z.boolean(),
  lag_ms: z.number().nonnegative().nullable(),
});

export const clientCommands = {
  limit: command(
    'shows or sets what may be sent and received',
    z.strictObject({
      change: z
        .union([
          z.strictObject({ what: z.enum(['up', 'down']), rate: LimitRate.nullable() }),
          z.strictObject({ what: z.literal('slow'), on: z.boolean() }),
        ])
        .optional(),
      group: Name.optional(),
      file: Name.optional(),
    }),
    LimitPair.extend({
      slow: z.boolean(),
      in_force: LimitPair,
      /** Downloads and shares with limits of their own. */
      downloads: z.array(LimitPair.extend({ group: ShownName, file: z.string() })),
    }),
  ),
  status: command(
    'this client at a glance',
    none,
    z.object({
      user: ShownName.nullable(),
      listen: z.string(),
      trackers: z.array(TrackerLine),
      up_rate: z.number().nonnegative(),
      down_rate: z.number().nonnegative(),
      limits: LimitPair.extend({ slow: z.boolean() }).optional(),
      /** Connected devices, over all transfers; one that is connected for two counts once. */
      peers: z.number().int().nonnegative(),
      /** A member has connected to this client since it started, so `listen` can be reached. False says only that none has. */
      reached: z.boolean(),
    }),
  ),
  trackers: command(
    'the trackers and who serves',
    none,
    z.object({
      trackers: z.array(TrackerLine),
      /** Your names that were also made on the other side of a cut, and that another keeps. */
      conflicts: z.array(ShownName),
    }),
  ),
  disk: command(
    'the disk that downloads go to',
    none,
    /** Of the latest download; where there is none, of the home. */
    z.object({ folder: z.string(), free_bytes: SizeBytes }),
  ),
  browse: command(
    'folders of the machine that the client runs on, inside what its page may see',
    z.strictObject({ path: Path.optional() }),
    z.object({
      /** null: the folders that the page may see, as entries. */
      path: z.string().nullable(),
      crumbs: z.array(z.object({ name: z.string(), path: z.string() })),
      entries: z.array(
        z.object({ name: z.string(), path: z.string(), kind: z.enum(['file', 'folder']), size: SizeBytes }),
      ),
      /** There are more entries than are told. */
      more: z.boolean(),
      free_bytes: SizeBytes.nullable(),
    }),
  ),
  open: command(
    'open the page of this client in a browser',
    none,
    z.object({
      /** Opens the page once, within half a minute. */
      address: z.string(),
      /** A file (0600) that leads a browser there: the address stands in no argument list. */
      file: z.string(),
    }),
  ),
  stop: command('end this client; downloads go on at its next start', none, z.object({})),
} as const;
