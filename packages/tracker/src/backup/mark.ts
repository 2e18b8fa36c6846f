import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { z } from 'zod';
import { readIfThere, writeWhole } from '../tls/key-file.ts';

/** In a data folder that was made of a backup, until it is known what came after it. */
export const BackupMark = z.object({ format: z.literal(1), madeAtMs: z.int() });
export type BackupMark = z.infer<typeof BackupMark>;

const pathIn = (dataDir: string): string => join(dataDir, 'from-backup.json');

export function readMark(dataDir: string): BackupMark | undefined {
  const text = readIfThere(pathIn(dataDir));
  if (text === undefined) return undefined;
  try {
    return BackupMark.parse(JSON.parse(text));
  } catch {
    throw new PeerageError('path_not_readable', `${pathIn(dataDir)} is damaged: restore the backup again`);
  }
}

export const writeMark = (dataDir: string, mark: BackupMark): void =>
  writeWhole(pathIn(dataDir), `${JSON.stringify(mark)}\n`);

export const removeMark = (dataDir: string): void => rmSync(pathIn(dataDir), { force: true });

const momentOf = ({ madeAtMs }: BackupMark): string => new Date(madeAtMs).toISOString().slice(0, 16).replace('T', ' ');

export const heldByBackup = (mark: BackupMark): PeerageError =>
  new PeerageError(
    'from_backup',
    `this tracker was started from a backup of ${momentOf(mark)} UTC: it waits until it has read from another tracker, or its operator types accept_loss`,
  );
