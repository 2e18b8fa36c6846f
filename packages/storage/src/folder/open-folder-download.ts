import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { foldName } from '@peerage/bittorrent';
import { JournalFile, readJournal } from '../download/journal-file.ts';
import {
  headerLines,
  type JournalContent,
  namedLine,
  partLine,
  storedLines,
  writingLine,
} from '../download/journal-lines.ts';
import { piecesOf, rereadPieces } from '../download/reread.ts';
import { fileFailure, isMissing } from '../file-failure.ts';
import { StoreError } from '../piece-store.ts';
import { namesForDisk } from './disk-names.ts';
import { folderDisk, makeFolder, removeEmptyFolders } from './folder-disk.ts';
import { FolderDownload } from './folder-download.ts';
import type { FolderPlan } from './folder-plan.ts';
import { type FolderPlace, FoundFolder } from './found-folder.ts';
import { stagingName, stagingPath } from './staging.ts';

export interface OpenedFolder {
  readonly store: FolderDownload;
  /** The hidden folder of what has no final name yet. */
  readonly staging: string;
  /** Pieces that were read again to know whether they are right. */
  readonly rereadPieces: number;
  /** The disk can't hold some names: those files lie under others. */
  readonly mapped: boolean;
}

/**
 * Opens the download of a folder: begins it, or goes on where the last process stopped, however it stopped, also with more files chosen than
 * before. StoreError 'destination_exists' (another file under the name of one that is wanted), 'missing' (the folder around it), 'no_space',
 * 'read_only', 'permission', 'unsafe_name', 'newer_format', 'changed' (a file was finished, and the user changed it since), 'io'. The reason
 * of `signal`.
 */
export async function openFolderDownload(plan: FolderPlan): Promise<OpenedFolder> {
  const disk = plan.disk ?? folderDisk;
  const journal = await journalOf(plan);
  checkStagingName(plan);
  await checkParent(dirname(plan.destination));
  const isNew = await makeFolder(plan.destination);
  const staging = stagingPath(plan.destination, plan.infoHash);
  try {
    if (isNew && journal === undefined) await checkSpace(plan);
    await makeFolder(staging, 0o700);
    const { onDisk, mapped } = await namesForDisk(plan.files, staging, disk);
    const place: FolderPlace = { plan, disk, staging, onDisk, journal };
    return { ...(await openFound(place, await FoundFolder.look(place, isNew))), staging, mapped };
  } catch (cause) {
    if (journal === undefined) await removeEmptyFolders(staging, []);
    if (isNew) await removeEmptyFolders(plan.destination, []);
    throw cause;
  }
}

async function openFound(
  place: FolderPlace,
  found: FoundFolder,
): Promise<Pick<OpenedFolder, 'store' | 'rereadPieces'>> {
  const { plan, disk, staging, onDisk } = place;
  const durable = found.durable();
  const have = durable.copy();
  const reader = found.reader();
  const { pieces } = await rereadPieces(reader.read, have, found.doubtful(), plan).finally(reader.close);
  await found.takeBackDamaged(have);
  const unsynced = [...piecesOf(have)].filter((piece) => !durable.has(piece));
  const { infoHash, destination, geometry } = plan;
  const { states, parts, named } = found;
  const header = { infoHash, sizeBytes: geometry.sizeBytes, destination, partInode: '', partBornNs: '' };
  const lines = [
    headerLines(header),
    ...[...parts].map(([file, mark]) => partLine(file, mark)),
    ...[...named].map(([file, mark]) => namedLine(file, mark)),
    storedLines(piecesOf(durable)),
    ...unsynced.map(writingLine),
  ];
  const journal = await JournalFile.replace(plan.journal, lines.join(''), place.journal !== undefined);
  const store = new FolderDownload({ plan, disk, staging, journal, states, parts, named, onDisk }, have, unsynced);
  return { store, rereadPieces: pieces };
}

/** The journal where it is one of this download. */
async function journalOf(plan: FolderPlan): Promise<JournalContent | undefined> {
  const journal = await readJournal(plan.journal, plan.geometry);
  if (!journal) return undefined;
  const { infoHash, sizeBytes, destination } = journal.header;
  const same = infoHash === plan.infoHash && sizeBytes === plan.geometry.sizeBytes && destination === plan.destination;
  return same ? journal : undefined;
}

/** Whoever makes a share can't know its info-hash before; should a name be that of the hidden folder all the same, it is no accident. */
function checkStagingName({ files, infoHash }: FolderPlan): void {
  const hidden = foldName(stagingName(infoHash));
  for (let file = 0; file < files.count; file++) {
    if (foldName(files.path(file).split('/', 1)[0]!) === hidden) {
      throw new StoreError('unsafe_name', `the share holds the name '${hidden}', which is needed while it comes in`);
    }
  }
}

async function checkParent(path: string): Promise<void> {
  const stats = await stat(path).catch((cause: unknown) => {
    if (!isMissing(cause)) throw fileFailure(cause, path);
    throw new StoreError('missing', `the folder ${path} is not there: make it or choose another destination`, {
      cause,
    });
  });
  if (!stats.isDirectory()) throw new StoreError('missing', `${path} is not a folder: choose an existing folder`);
}

async function checkSpace({ files, chosen, destination }: FolderPlan): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(destination).catch((cause: unknown) => {
    throw fileFailure(cause, destination);
  });
  let neededBytes = 0;
  for (let file = 0; file < files.count; file++) if (chosen[file]) neededBytes += files.sizeOf(file);
  // Some network file systems tell no numbers at all.
  if (blocks === 0 || bavail * bsize >= neededBytes) return;
  throw new StoreError(
    'no_space',
    `${destination} needs ${neededBytes} bytes and its disk has ${bavail * bsize} left: make space`,
  );
}
