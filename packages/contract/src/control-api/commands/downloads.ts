import { z } from 'zod';
import { type ErrorCode, errorTable } from '../../errors/table.ts';
import { ShownName, SizeBytes } from '../../values.ts';
import { command, fileInGroup, none, Path } from './command.ts';

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

export const downloadCommands = {
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
} as const;
