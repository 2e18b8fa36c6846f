import { z } from 'zod';
import { InfoHashHex, Sha1Hex, ShownName, SizeBytes } from '../../values.ts';
import { command, fileInGroup, inGroup, Name, none, Path, settled } from './command.ts';

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

export const sharingCommands = {
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
  stop_share: command('stop offering a file on this device', fileInGroup, settled),
  shares: command('what this device offers', none, z.object({ shares: z.array(Share) })),
} as const;
