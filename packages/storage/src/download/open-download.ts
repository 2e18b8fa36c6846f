import { type BigIntStats, constants } from 'node:fs';
import { lstat, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Bitfield, type Geometry, type PieceIndex } from '@peerage/bittorrent';
import { fileFailure, isMissing } from '../file-failure.ts';
import { OpenFile } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';
import { DownloadStore } from './download-store.ts';
import { JournalFile, readJournal, removeJournal } from './journal-file.ts';
import { finishedLine, headerLines, type JournalContent, storedLines } from './journal-lines.ts';
import { moveFile, removeIfInode } from './move-file.ts';
import { partPath } from './part-path.ts';
import { type PieceCheck, piecesOf, type Reread, rereadPieces } from './reread.ts';

export interface DownloadPlan extends PieceCheck {
  /** 40 hex digits. */
  readonly infoHash: string;
  readonly geometry: Geometry;
  /** Absolute path of the file to be, in an existing folder. */
  readonly destination: string;
  /** Absolute path of the journal, in an existing folder; one download, one journal. */
  readonly journal: string;
  /** Permission bits of the file, where the process's umask is narrower than the user's. Left to the umask when absent. */
  readonly fileMode?: number;
  /** A file under its final name that turns out to be wrong is taken back and mended, instead of being refused. */
  readonly repair?: boolean;
}

export interface OpenedDownload {
  readonly store: DownloadStore;
  /** `finished`: the file is whole and has its final name, at most its last sync is not sure: `finish()` answers at once. */
  readonly found: 'fresh' | 'resumed' | 'finished';
  /**
   * Why pieces were read again or lost. `unclean_stop`: those since the last checkpoint were read again. `part_missing`: the
   * partial file is gone, everything starts again. `part_unknown`: the partial file is not the one that the journal knows (or
   * there was no journal), so all of it was read again. `final_damaged`: a power cut took data of the finished file, which is a
   * partial one again.
   */
  readonly doubt?: 'unclean_stop' | 'part_missing' | 'part_unknown' | 'final_damaged';
  readonly reread: Reread;
}

const nothingRead: Reread = { pieces: 0, kept: 0, holdsData: false };
const openFlags = constants.O_RDWR | constants.O_NOFOLLOW;

/**
 * Opens the download of one file: begins it, or goes on where the last process stopped, however it stopped. StoreError:
 * 'destination_exists' (the file, or a foreign file under the partial file's name), 'missing' (the folder), 'no_space',
 * 'read_only', 'permission', 'not_a_file', 'unsafe_name', 'newer_format', 'changed' (it was finished, and the user changed it since: it is
 * the user's now and its journal is gone), 'io'. The reason of `signal` where that aborts the reading.
 */
export async function openDownload(plan: DownloadPlan): Promise<OpenedDownload> {
  const journal = await journalOf(plan);
  await checkFolder(dirname(plan.destination));
  const named = await statsOf(plan.destination);
  if (named) {
    const finished = journal
      ? isPartFile(named, journal) && (await openFinished(plan, journal))
      : named.isFile() && isWhole(named, plan.geometry) && (await openEqual(plan));
    if (finished) return finished;
    if (plan.repair && named.isFile()) {
      const path = partPath(plan.destination);
      await moveFile(plan.destination, path, named.ino);
      return resume(plan, undefined, path);
    }
    throw new StoreError(
      'destination_exists',
      `${plan.destination} exists already and is never overwritten: choose another destination`,
    );
  }
  const path = partPath(plan.destination);
  if (await statsOf(path)) return resume(plan, journal, path);
  const store = await begin(plan, path);
  return { store, found: 'fresh', reread: nothingRead, ...(journal && { doubt: 'part_missing' }) };
}

async function begin(plan: DownloadPlan, path: string): Promise<DownloadStore> {
  await checkSpace(plan);
  const file = await OpenFile.open(path, openFlags | constants.O_CREAT | constants.O_EXCL, 0o666);
  let store: DownloadStore | undefined;
  try {
    if (plan.fileMode !== undefined) await file.setMode(plan.fileMode);
    store = await storeOf(plan, file, Bitfield.empty(plan.geometry), {});
    // Last: a stop before this leaves an empty file, which the next opening takes over without having to read zeros.
    await file.truncate(plan.geometry.sizeBytes);
    return store;
  } catch (cause) {
    await (store?.discard() ?? file.close().then(() => rm(path, { force: true })));
    throw cause;
  }
}

async function resume(plan: DownloadPlan, journal: JournalContent | undefined, path: string): Promise<OpenedDownload> {
  const { geometry } = plan;
  const file = await OpenFile.open(path, openFlags);
  try {
    const stats = await file.stat();
    const known = journal !== undefined && isPartFile(stats, journal) && isWhole(stats, geometry);
    const have = known ? journal.stored.copy() : Bitfield.empty(geometry);
    const reread = await rereadPieces(
      readerOf(file, geometry),
      have,
      known ? journal.writing : Bitfield.full(geometry),
      plan,
    );
    const foreign = reread.kept === 0 && (reread.holdsData || stats.size > geometry.sizeBytes);
    if (!known && foreign) {
      throw new StoreError(
        'destination_exists',
        `${path} exists already and holds nothing of this download: move it away or choose another destination`,
      );
    }
    if (!isWhole(stats, geometry)) await file.truncate(geometry.sizeBytes);
    if (reread.kept > 0) await file.syncData();
    const store = await storeOf(plan, file, have, { durable: true });
    if (known) return { store, found: 'resumed', reread, ...(reread.pieces > 0 && { doubt: 'unclean_stop' }) };
    return { store, found: have.count > 0 ? 'resumed' : 'fresh', reread, doubt: 'part_unknown' };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

async function openFinished(plan: DownloadPlan, journal: JournalContent): Promise<OpenedDownload> {
  const { geometry, destination } = plan;
  const file = await OpenFile.open(destination, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stats = await file.stat();
    // The record is not synced before the name is given, so after a power cut it may be absent, and then nobody had time to edit.
    if (journal.finishedNs !== undefined && stats.mtimeNs > journal.finishedNs) {
      await removeJournal(plan.journal);
      throw new StoreError(
        'changed',
        `${destination} was completed and then changed by another program: it is left as it is`,
      );
    }
    const have = isWhole(stats, geometry) ? journal.stored.copy() : Bitfield.empty(geometry);
    const reread = await rereadPieces(readerOf(file, geometry), have, Bitfield.full(geometry), plan);
    const path = partPath(destination);
    if (have.isFull && isWhole(stats, geometry)) {
      await removeIfInode(path, stats.ino);
      await file.syncData();
      const store = await storeOf(plan, file, have, { durable: true, finishedNs: stats.mtimeNs });
      return { store, found: 'finished', reread };
    }
    await file.close();
    await moveFile(destination, path, stats.ino);
    return { ...(await resume(plan, journal, path)), doubt: 'final_damaged' };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

/** The very file, and no journal: it was completed, but whoever notes that was stopped before. Undefined where it is another file. */
async function openEqual(plan: DownloadPlan): Promise<OpenedDownload | undefined> {
  const file = await OpenFile.open(plan.destination, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const have = Bitfield.empty(plan.geometry);
    const reread = await rereadPieces(readerOf(file, plan.geometry), have, Bitfield.full(plan.geometry), plan);
    if (!have.isFull) {
      await file.close();
      return undefined;
    }
    await file.syncData();
    const { mtimeNs } = await file.stat();
    return {
      store: await storeOf(plan, file, have, { durable: true, finishedNs: mtimeNs }),
      found: 'finished',
      reread,
    };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

async function storeOf(
  plan: DownloadPlan,
  file: OpenFile,
  have: Bitfield,
  options: { readonly durable?: boolean; readonly finishedNs?: bigint },
): Promise<DownloadStore> {
  const { geometry, destination, infoHash } = plan;
  const { ino: inode, birthtimeNs } = await file.stat();
  const header = {
    infoHash,
    destination,
    sizeBytes: geometry.sizeBytes,
    partInode: String(inode),
    partBornNs: String(birthtimeNs),
  };
  const { durable = false, finishedNs } = options;
  const finished = finishedNs === undefined ? '' : finishedLine(finishedNs);
  const journal = await JournalFile.replace(
    plan.journal,
    headerLines(header) + storedLines(piecesOf(have)) + finished,
    durable,
  );
  const named = finishedNs !== undefined;
  return new DownloadStore({
    geometry,
    have,
    file,
    inode,
    journal,
    partPath: partPath(destination),
    destination,
    named,
  });
}

const readerOf = (file: OpenFile, geometry: Geometry) => (piece: PieceIndex, into: Uint8Array) =>
  file.read(into, geometry.pieceOffsetBytes(piece));

/** The journal where it is one of this download. */
async function journalOf(plan: DownloadPlan): Promise<JournalContent | undefined> {
  const journal = await readJournal(plan.journal, plan.geometry);
  if (!journal) return undefined;
  const { infoHash, sizeBytes, destination } = journal.header;
  const same = infoHash === plan.infoHash && sizeBytes === plan.geometry.sizeBytes && destination === plan.destination;
  return same ? journal : undefined;
}

const isPartFile = (stats: BigIntStats, { header }: JournalContent): boolean =>
  stats.isFile() && String(stats.ino) === header.partInode && String(stats.birthtimeNs) === header.partBornNs;

const isWhole = (stats: BigIntStats, geometry: Geometry): boolean => Number(stats.size) === geometry.sizeBytes;

async function checkFolder(path: string): Promise<void> {
  let stats: Awaited<ReturnType<typeof stat>>;
  try {
    stats = await stat(path);
  } catch (cause) {
    if (!isMissing(cause)) throw fileFailure(cause, path);
    throw new StoreError('missing', `the folder ${path} is not there: make it or choose another destination`, {
      cause,
    });
  }
  if (!stats.isDirectory()) throw new StoreError('missing', `${path} is not a folder: choose an existing folder`);
}

async function checkSpace({ geometry, destination }: DownloadPlan): Promise<void> {
  const folder = dirname(destination);
  const { bavail, bsize, blocks } = await statfs(folder).catch((cause: unknown) => {
    throw fileFailure(cause, folder);
  });
  // Some network file systems tell no numbers at all.
  if (blocks === 0 || bavail * bsize >= geometry.sizeBytes) return;
  throw new StoreError(
    'no_space',
    `${destination} needs ${geometry.sizeBytes} bytes and its disk has ${bavail * bsize} left: make space`,
  );
}

async function statsOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw fileFailure(cause, path);
  }
}
