import { z } from 'zod';
import { type ErrorCode, errorTable } from '../errors/table.ts';
import { GroupActivity, InfoHashHex, Sha1Hex, ShownName, SizeBytes, Standing, TimeMs } from '../values.ts';

/**
 * What a client can be told to do: one entry a verb, the same for shell, one-shot calls, HTTP skin and page.
 * Params are plain data as a person gave them (names, not ids; paths absolute, made so by the skin that knows the folder of the call);
 * the client answers with the result or throws a PeerageError. `-` in summaries is what `help` shows.
 */
export interface ControlCommand {
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly result: z.ZodObject;
}

const none = z.strictObject({});
const Name = z.string().max(1024);
const Path = z.string().min(1).max(4096);
const settled = z.object({ settled: z.boolean() });
const inGroup = z.strictObject({ group: Name });
/** Bytes a second. */
const LimitRate = z.number().int().min(16_000).max(1e12);
const LimitPair = z.object({ up: LimitRate.nullable(), down: LimitRate.nullable() });
const fileInGroup = z.strictObject({ group: Name, file: Name });
const memberInGroup = z.strictObject({ group: Name, user: Name });

export const DownloadState = z.enum(['D', 'C', 'V', 'P', 'W', 'E']);
export type DownloadState = z.infer<typeof DownloadState>;

/** Why a download is `W` or `E`: a code for programs, words for people. */
const Reason = z.object({ code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]), message: z.string() });

/** Files of a folder. */
const FileCounts = z.object({ done: z.number().int(), chosen: z.number().int(), all: z.number().int() });

export const Download = z.object({
  id: z.string(),
  state: DownloadState,
  group: ShownName,
  file: z.string(),
  destination: z.string(),
  /** Of a folder: of the files that are wanted. */
  size: SizeBytes,
  /** Of a folder: files under their final names, those wanted, and all. */
  files: FileCounts.optional(),
  /** Bytes stored and verified. */
  done: SizeBytes,
  /** Bytes a second, over the last few seconds. */
  rate: z.number().nonnegative(),
  /** Seconds, or null where it can't be told. */
  eta: z.number().nonnegative().nullable(),
  /** Connected peers that have something we lack. */
  peers: z.number().int().nonnegative(),
  /** Bytes a second sent, and bytes sent since the client fetches it; a finished one is a share, which counts for itself. */
  up_rate: z.number().nonnegative(),
  uploaded: SizeBytes,
  /** Whole copies of what is lacked among connected peers, and of the next one the part that is there; null where it can't be told. */
  availability: z.number().nonnegative().nullable(),
  reason: Reason.nullable(),
  /** Who gave how much (verified bytes), most first. */
  sources: z.array(z.object({ user: ShownName, device: z.string(), bytes: SizeBytes })),
});
export type Download = z.infer<typeof Download>;

export const Share = z.object({
  group: ShownName,
  file: z.string(),
  path: z.string(),
  size: SizeBytes,
  /** Of a folder: how many of its files are here. */
  files: z.object({ held: z.number().int(), all: z.number().int() }).optional(),
  state: z.enum(['offered', 'missing', 'changed', 'unreadable']),
  /** Payload bytes sent since the share was made. */
  uploaded: SizeBytes,
  /** Bytes a second. */
  up_rate: z.number().nonnegative(),
  /** Connected ones. */
  peers: z.number().int().nonnegative(),
});
export type Share = z.infer<typeof Share>;

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

const TrackerLine = z.object({
  address: z.string(),
  serving: z.boolean(),
  reachable: z.boolean(),
  lag_ms: z.number().nonnegative().nullable(),
});

const command = <P extends z.ZodObject, R extends z.ZodObject>(summary: string, params: P, result: R) =>
  ({ summary, params, result }) satisfies ControlCommand;

export const controlCommands = {
  create_user: command('make an account', z.strictObject({ user: Name, password: z.string() }), settled),
  login: command(
    'log in; everything this user shared on this device is shared again',
    z.strictObject({ user: Name, password: z.string() }),
    z.object({ user: ShownName, shares: z.number().int(), problems: z.array(Share) }),
  ),
  logout: command('stop all sharing and downloads until the next login', none, settled),
  passwd: command('change the password', z.strictObject({ current: z.string(), next: z.string() }), settled),
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
  rename_user: command('take a new name after a name conflict', z.strictObject({ name: Name }), settled),
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
  upload_file: command(
    'share a file or folder in a group',
    z.strictObject({
      /** The two words as typed, in either order; or both named, then they are taken as they are. */
      words: z.tuple([Path, Path]).optional(),
      path: Path.optional(),
      group: Name.optional(),
      name: Name.optional(),
      /** Where relative paths begin. */
      cwd: Path,
    }),
    z.object({
      group: ShownName,
      name: z.string(),
      size: SizeBytes,
      /** Files of a folder. */
      files: z.number().int().optional(),
      pieces: z.number().int(),
      /** Of a folder its info-hash. */
      sha1: Sha1Hex,
      /** Files and folders inside that are shared under another name, since some system can't hold their own: at most 1,000 are told. */
      renamed: z.array(z.object({ path: z.string(), name: z.string() })).optional(),
      /** Symbolic links inside: they are not followed, and not shared. At most 1,000 are told. */
      links: z.array(z.string()).optional(),
      settled: z.boolean(),
    }),
  ),
  list_files: command(
    'files of a group',
    inGroup,
    z.object({
      files: z.array(
        z.object({
          name: z.string(),
          kind: z.enum(['file', 'folder']),
          size: SizeBytes,
          /** Files of a folder. */
          files: z.number().int().nullable(),
          pieces: z.number().int(),
          /** Of a folder its info-hash. */
          sha1: Sha1Hex,
          info_hash: InfoHashHex,
          by: ShownName,
          seeders: z.number().int(),
          shared_by_you: z.boolean(),
        }),
      ),
    }),
  ),
  folder_files: command(
    'the files inside a folder of the catalogue',
    fileInGroup,
    z.object({
      files: z.array(
        z.object({
          path: z.string(),
          size: SizeBytes,
          /** Whether this device's download of the folder fetches it; null where there is none. */
          wanted: z.boolean().nullable(),
        }),
      ),
      /** So many more are not told. */
      more: z.number().int(),
    }),
  ),
  remove_file: command('end an entry of the catalogue for all', fileInGroup, settled),
  download_file: command(
    'fetch a file or folder in the background',
    fileInGroup.extend({
      destination: Path,
      cwd: Path,
      /** Patterns that choose files of a folder. */
      only: z.array(z.string().min(1).max(1024)).min(1).max(100).optional(),
    }),
    z.object({
      id: z.string(),
      destination: z.string(),
      /** Of a folder: files that are wanted, and all. */
      files: z.object({ chosen: z.number().int(), all: z.number().int() }).optional(),
    }),
  ),
  show_downloads: command('downloads of this client', none, z.object({ downloads: z.array(Download) })),
  pause_download: command('pause a download', fileInGroup, z.object({})),
  resume_download: command('go on with a paused or failed download', fileInGroup, z.object({})),
  cancel_download: command(
    'end a download and remove its partial data',
    fileInGroup.extend({
      /** Left out: partial data is removed, a finished file stays. `keep`: partial data stays as well; `remove`: a finished file goes as well. */
      data: z.enum(['keep', 'remove']).optional(),
    }),
    z.object({
      /** What was removed. */
      removed: z.string().nullable(),
      /** Files that were left since they are not what was fetched any more. */
      left: z.number().int().optional(),
    }),
  ),
  verify: command(
    'read again what is stored of a download or shared, and mend it',
    fileInGroup,
    z.object({
      /** Pieces that were read, and how many of them were wrong. */
      pieces: z.number().int(),
      wrong: z.number().int(),
      /** What is done about it: wrong pieces are fetched again, or what is wrong is offered no more. */
      action: z.enum(['none', 'fetching', 'stopped']),
      /** What is wrong, in words; null where nothing is. */
      message: z.string().nullable(),
    }),
  ),
  stop_share: command('stop offering a file on this device', fileInGroup, settled),
  shares: command('what this device offers', none, z.object({ shares: z.array(Share) })),
  devices: command(
    'your devices',
    none,
    z.object({
      devices: z.array(
        z.object({
          device: z.string(),
          label: z.string(),
          added_at: TimeMs,
          state: z.enum(['active', 'password_needed', 'revoked']),
          online: z.boolean(),
          current: z.boolean(),
        }),
      ),
    }),
  ),
  revoke_device: command('put one of your devices out for ever', z.strictObject({ device: Name }), settled),
  wait: command(
    'return when no download is running, verifying or waiting',
    z.strictObject({ timeoutMs: z.number().int().nonnegative().optional() }),
    z.object({ completed: z.number().int(), failed: z.number().int() }),
  ),
  why: command(
    'why a download is slow or stands still',
    fileInGroup,
    z.object({
      state: DownloadState,
      /** What weighs most first; at least one. */
      reasons: z.array(
        z.object({
          code: z.enum([
            'complete',
            'failed',
            'paused',
            'verifying',
            'starting',
            'none',
            'disk',
            'membership',
            'tracker',
            'no_seeders',
            'piece_unavailable',
            'unreachable',
            'banned',
            'limit',
            'uplink',
            'waiting_turn',
          ]),
          message: z.string(),
          /** Whom it is about. */
          user: z.string().optional(),
          /** Numbers of pieces that nobody has: the first few. */
          pieces: z.array(z.number().int()).optional(),
        }),
      ),
    }),
  ),
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
  whoami: command('who is logged in', none, z.object({ user: ShownName.nullable(), device: z.string().nullable() })),
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
  stop: command('end this client; downloads go on at its next start', none, z.object({})),
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
  disk: command(
    'the disk that downloads go to',
    none,
    /** Of the latest download; where there is none, of the home. */
    z.object({ folder: z.string(), free_bytes: SizeBytes }),
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
  trackers: command(
    'the trackers and who serves',
    none,
    z.object({
      trackers: z.array(TrackerLine),
      /** Your names that were also made on the other side of a cut, and that another keeps. */
      conflicts: z.array(ShownName),
    }),
  ),
} as const satisfies Record<string, ControlCommand>;

export type ControlName = keyof typeof controlCommands;
export type ControlParams<C extends ControlName> = z.infer<(typeof controlCommands)[C]['params']>;
export type ControlResult<C extends ControlName> = z.infer<(typeof controlCommands)[C]['result']>;
