import { type BigIntStats, constants } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Bitfield, type PieceIndex } from '@peerage/bittorrent';
import type { JournalContent } from '../download/journal-lines.ts';
import { piecesOf } from '../download/reread.ts';
import { fileFailure, isMissing } from '../file-failure.ts';
import { StoreError } from '../piece-store.ts';
import { fileSha1 } from './file-sha1.ts';
import type { FolderDisk } from './folder-disk.ts';
import { changedByOther, markOfNamed, partMark } from './folder-places.ts';
import { FILE, type FolderPlan } from './folder-plan.ts';
import { inTurns } from './in-turns.ts';
import { type FileAccess, OpenFiles } from './open-files.ts';
import type { Segment } from './share-files.ts';
import { borderPath, partOf } from './staging.ts';

const AT_ONCE = 8;
/** From this size on whoever began the download is not kept waiting while a file is hashed. */
const LONG_READ_BYTES = 16 * 1024 * 1024;

export interface FolderPlace {
  readonly plan: FolderPlan;
  readonly disk: FolderDisk;
  readonly staging: string;
  readonly onDisk: (path: string) => string;
  readonly journal: JournalContent | undefined;
}

/** What lies on the disk of a folder's download that is opened: which of the files are there, and which of that the journal vouches for. */
export class FoundFolder {
  /** FILE.… by number. */
  readonly states: Uint8Array;
  /** Marks of the partial files that are there, the border file behind the last one, and of the files under their final names. */
  readonly parts = new Map<number, string>();
  readonly named = new Map<number, string>();
  readonly #place: FolderPlace;
  readonly #trusted = new Set<number>();
  readonly #adopted: number[] = [];

  private constructor(place: FolderPlace) {
    this.#place = place;
    this.states = Uint8Array.from(place.plan.chosen, (wanted) => (wanted ? FILE.part : FILE.skipped));
  }

  /** `isNew`: the folder has just been made. */
  static async look(place: FolderPlace, isNew: boolean): Promise<FoundFolder> {
    const found = new FoundFolder(place);
    if (!isNew) {
      const { files, chosen } = place.plan;
      const wanted = Array.from({ length: files.count }, (_, file) => file).filter((file) => chosen[file]);
      await inTurns(wanted, AT_ONCE, (file) => found.#lookAtFile(file));
    }
    await found.#lookAtParts();
    await found.#moveFromBorder();
    return found;
  }

  /** Pieces that the journal vouches for, in files that are still those that it knew. */
  durable(): Bitfield {
    const have = Bitfield.empty(this.#place.plan.geometry);
    for (const piece of piecesOf(this.#place.journal?.stored ?? have)) {
      if (this.#segments(piece).every(({ file }) => this.#isTrusted(file))) have.set(piece);
    }
    return have;
  }

  /** Pieces that may be there and have to be read to know. */
  doubtful(): Bitfield {
    const { journal, plan } = this.#place;
    if (journal === undefined) {
      return this.parts.size + this.named.size > 0 ? Bitfield.full(plan.geometry) : Bitfield.empty(plan.geometry);
    }
    const doubtful = written(journal);
    for (const file of this.#adopted) {
      const { first, end } = plan.files.piecesOf(file);
      for (let piece = first; piece < end; piece++) doubtful.set(piece as PieceIndex);
    }
    return doubtful;
  }

  /** Reads pieces from wherever their bytes are; resolves to fewer bytes than a piece has where some are nowhere. */
  reader(): { read: (piece: PieceIndex, into: Uint8Array) => Promise<number>; close: () => Promise<void> } {
    const open = new OpenFiles((place) => this.#openToRead(place));
    return {
      close: () => open.close(),
      read: async (piece, into) => {
        const segments = this.#segments(piece);
        if (!segments.every(({ file }) => this.#isThere(file))) return 0;
        let readBytes = 0;
        await inTurns(segments, AT_ONCE, async (segment) => {
          const { rangeOffsetBytes, lengthBytes } = segment;
          const bytes = into.subarray(rangeOffsetBytes, rangeOffsetBytes + lengthBytes);
          const place = this.#placeOf(segment.file);
          const count = await open.use(place, (access) => access.read(bytes, this.#offset(segment)));
          readBytes += count; // not across the await: others add to it meanwhile
        });
        return readBytes;
      },
    };
  }

  /** `have`: after pieces were read again. Of a file that was named before it was synced a power cut may have taken data: it is a partial one again. */
  async takeBackDamaged(have: Bitfield): Promise<void> {
    const { plan, disk, staging } = this.#place;
    const { files } = plan;
    for (const file of [...this.named.keys()]) {
      if (files.lackedPieces(file, have) === 0 || this.#adopted.includes(file)) continue;
      const path = this.#finalPath(file);
      if (await this.#isRight(file)) continue;
      const { ino } = await lstat(path, { bigint: true });
      await disk.move(path, partOf(staging, file), ino);
      this.states[file] = FILE.part;
      this.named.delete(file);
      this.parts.set(file, partMark(await lstat(partOf(staging, file), { bigint: true })));
    }
  }

  /** Whether the file under its final name has the SHA-1 that it was shared with. */
  async #isRight(file: number): Promise<boolean> {
    const { plan } = this.#place;
    const sizeBytes = plan.files.sizeOf(file);
    if (sizeBytes > LONG_READ_BYTES) plan.onProgress?.(0, 0);
    const sha1 = await fileSha1(this.#finalPath(file), sizeBytes, plan.signal);
    return sha1 !== undefined && Buffer.compare(sha1, plan.files.sha1(file)) === 0;
  }

  #segments(piece: PieceIndex): Segment[] {
    return this.#place.plan.files.segmentsOf(piece, this.#place.plan.geometry);
  }

  #placeOf(file: number): number {
    return this.states[file] === FILE.skipped ? this.#place.plan.files.count : file;
  }

  #offset({ file, fileOffsetBytes }: Segment): number {
    const shareOffset = this.#place.plan.files.offsetOf(file) + fileOffsetBytes;
    return this.states[file] === FILE.skipped ? shareOffset : fileOffsetBytes;
  }

  #isThere(file: number): boolean {
    return this.states[file] === FILE.named || this.parts.has(this.#placeOf(file));
  }

  #isTrusted(file: number): boolean {
    return this.states[file] === FILE.named || this.#trusted.has(this.#placeOf(file));
  }

  #finalPath(file: number): string {
    const { plan, onDisk } = this.#place;
    return join(plan.destination, onDisk(plan.files.path(file)));
  }

  #openToRead(place: number): Promise<FileAccess> {
    const { plan, disk, staging } = this.#place;
    const isBorder = place === plan.files.count;
    const path =
      this.states[place] === FILE.named
        ? this.#finalPath(place)
        : isBorder
          ? borderPath(staging)
          : partOf(staging, place);
    return disk.open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  }

  async #lookAtFile(file: number): Promise<void> {
    const { plan, disk, staging, journal } = this.#place;
    const path = this.#finalPath(file);
    const stats = await statsOf(path);
    if (stats === undefined) return;
    const mark = markOfNamed(stats);
    const known = journal?.named.get(file);
    if (known !== mark) {
      const mayBeIt = stats.isFile() && Number(stats.size) === plan.files.sizeOf(file);
      if (!mayBeIt || !(await this.#isRight(file))) {
        if (!stats.isFile() || !(plan.repair || this.#isOurs(file, stats)))
          throw known === undefined ? taken(path) : changedByOther(path);
        await disk.move(path, partOf(staging, file), stats.ino);
        return;
      }
      this.#adopted.push(file);
    }
    this.states[file] = FILE.named;
    this.named.set(file, mark);
  }

  /** Named, and then a power cut took data and times of it, or that it was named. What is newer than the record was changed by somebody. */
  #isOurs(file: number, stats: BigIntStats): boolean {
    const { journal } = this.#place;
    if (journal?.parts.get(file) !== partMark(stats)) return false;
    const namedNs = journal.named.get(file)?.split(' ')[2];
    return namedNs === undefined || stats.mtimeNs <= BigInt(namedNs);
  }

  async #lookAtParts(): Promise<void> {
    const { plan, staging, journal, disk } = this.#place;
    for (const name of await readdir(staging)) {
      const path = join(staging, name);
      const [, number, border] = /^(?:(\d{1,6})|(border))\.part$/.exec(name) ?? [];
      const place = border === undefined ? Number(number) : plan.files.count;
      const stats = await statsOf(path);
      if (!(place <= plan.files.count) || !stats?.isFile()) continue;
      if (this.states[place] === FILE.named) {
        await disk.remove(path); // stopped between the two steps of naming it
        continue;
      }
      const mark = partMark(stats);
      this.parts.set(place, mark);
      const hasItsSize = border !== undefined || Number(stats.size) === plan.files.sizeOf(place);
      if (hasItsSize && journal?.parts.get(place) === mark) this.#trusted.add(place);
    }
  }

  /** What was kept of a file only for its neighbours' sake becomes the beginning or the end of its partial file. */
  async #moveFromBorder(): Promise<void> {
    const { plan, journal, disk, staging } = this.#place;
    const { files } = plan;
    if (journal === undefined || !this.#trusted.has(files.count)) return;
    const isNewlyChosen = (file: number) => this.states[file] === FILE.part && !journal.parts.has(file);
    const border = await disk.open(borderPath(staging), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      for (const piece of piecesOf(written(journal))) {
        for (const { file, fileOffsetBytes, lengthBytes } of this.#segments(piece)) {
          if (!isNewlyChosen(file)) continue;
          const bytes = Buffer.alloc(lengthBytes);
          if ((await border.read(bytes, files.offsetOf(file) + fileOffsetBytes)) < lengthBytes) continue;
          const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
          const part = await disk.open(partOf(staging, file), flags, 0o666);
          try {
            if (!this.parts.has(file)) await part.truncate(files.sizeOf(file));
            await part.write(bytes, fileOffsetBytes);
            this.parts.set(file, partMark(await part.stat()));
          } finally {
            await part.close();
          }
        }
      }
    } finally {
      await border.close();
    }
  }
}

/** Pieces that were written, synced or not. */
function written({ stored, writing }: JournalContent): Bitfield {
  const both = stored.copy();
  for (const piece of piecesOf(writing)) both.set(piece);
  return both;
}

async function statsOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw fileFailure(cause, path);
  }
}

const taken = (path: string): StoreError =>
  new StoreError(
    'destination_exists',
    `${path} exists already and is never overwritten: move it away or choose another destination`,
  );
