import { type BigIntStats, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JournalFile } from '../download/journal-file.ts';
import { namedLine, partLine } from '../download/journal-lines.ts';
import { identityOf } from '../file-identity.ts';
import { StoreError } from '../piece-store.ts';
import type { FolderDisk } from './folder-disk.ts';
import { identityLine, identityText } from './folder-identity.ts';
import { FILE, type FolderPlan } from './folder-plan.ts';
import { type FileAccess, OpenFiles } from './open-files.ts';
import type { Segment } from './share-files.ts';
import { borderPath, partOf } from './staging.ts';

export interface FolderParts {
  readonly plan: FolderPlan;
  readonly disk: FolderDisk;
  readonly staging: string;
  readonly journal: JournalFile;
  /** FILE.… by number. */
  readonly states: Uint8Array;
  /** What the journal says of partial files and of named ones, by number; the border file comes behind the last file. */
  readonly parts: Map<number, string>;
  readonly named: Map<number, string>;
  /** Where a path of the share lies below the destination, as this disk can hold it. */
  readonly onDisk: (path: string) => string;
}

/**
 * Where the data of a folder's download lies: under final names, in partial files, in the border file. Always true: the journal says `part`
 * and `named` of a file before it counts as that; what was written and not synced yet is in `dirty`, what was named or made in `folders`;
 * nothing is read from a named file that is not, right after it was read, the file that got the name.
 */
export class FolderPlaces {
  /** Partial files with data that is not synced, and folders with names that are not. */
  readonly dirty = new Set<number>();
  readonly folders = new Set<string>();
  readonly #parts: FolderParts;
  readonly #open: OpenFiles;
  readonly #madeFolders = new Set<string>();

  constructor(parts: FolderParts) {
    this.#parts = parts;
    this.#open = new OpenFiles((place) => this.#openPlace(place));
    const { destination } = parts.plan;
    this.folders.add(dirname(destination)).add(destination).add(parts.staging);
  }

  /** The number of the file on the disk that holds the data of a share's file now. */
  placeOf(file: number): number {
    return this.#parts.states[file] === FILE.skipped ? this.#parts.plan.files.count : file;
  }

  /** What the files are now, where all have their final names. */
  get identity(): string {
    const { named, onDisk, plan } = this.#parts;
    const lines = Array.from({ length: plan.files.count }, (_, file) => {
      const [inode, sizeBytes, modifiedNs] = named.get(file)!.split(' ') as [string, string, string];
      const shared = plan.files.path(file);
      const names = { shared, onDisk: onDisk(shared) };
      return identityLine({ inode, sizeBytes: Number(sizeBytes), modifiedNs }, names);
    });
    return identityText(lines);
  }

  use<Result>(place: number, work: (access: FileAccess) => Promise<Result>): Promise<Result> {
    return this.#open.use(place, work);
  }

  async read(segment: Segment, into: Uint8Array): Promise<void> {
    const { file, rangeOffsetBytes, lengthBytes } = segment;
    await this.#open.use(this.placeOf(file), async (access) => {
      const bytes = into.subarray(rangeOffsetBytes, rangeOffsetBytes + lengthBytes);
      if ((await access.read(bytes, this.#offsetIn(segment))) < lengthBytes) {
        throw changed(access.path, 'was cut short by another program: start the download again');
      }
      if (this.#parts.states[file] === FILE.named) this.#checkNamed(file, access.path, await access.stat());
    });
  }

  async write(segment: Segment, bytes: Uint8Array): Promise<void> {
    const { file, rangeOffsetBytes, lengthBytes } = segment;
    // What has its final name had its SHA-1 checked: it is right, and written no more.
    if (this.#parts.states[file] === FILE.named) return;
    const place = this.placeOf(file);
    await this.#open.use(place, async (access) => {
      await access.write(bytes.subarray(rangeOffsetBytes, rangeOffsetBytes + lengthBytes), this.#offsetIn(segment));
      this.dirty.add(place); // not before: a checkpoint meanwhile would take it out, and sync the file without these bytes
    });
  }

  /** What was written to it survives a power cut from now on. */
  async sync(place: number): Promise<void> {
    try {
      await this.#open.use(place, (access) => access.syncData());
    } catch (cause) {
      // A file that has its final name is the user's to move and to change: there is nothing to vouch for any more.
      const isGone = cause instanceof StoreError && (cause.failure === 'missing' || cause.failure === 'changed');
      if (!isGone || this.#parts.states[place] !== FILE.named) throw cause;
    }
  }

  /** Gives the partial file its final name, never in the place of another one. */
  async name(file: number): Promise<void> {
    const { disk, journal, states, staging, named, onDisk, plan } = this.#parts;
    const path = onDisk(plan.files.path(file));
    await this.makeFolder(dirname(path));
    const stats = await this.#open.use(file, (access) => access.stat());
    const mark = markOfNamed(stats);
    await journal.append(namedLine(file, mark));
    await disk.move(partOf(staging, file), join(plan.destination, path), stats.ino);
    named.set(file, mark);
    states[file] = FILE.named;
    this.folders.add(dirname(join(plan.destination, path)));
    this.#open.forget(file);
  }

  /** Makes a named file a partial one again. */
  async takeBack(file: number): Promise<void> {
    const { disk, journal, states, staging, parts, named, onDisk, plan } = this.#parts;
    const stats = await this.#open.use(file, (access) => access.stat());
    const mark = partMark(stats);
    await journal.append(partLine(file, mark));
    await disk.move(join(plan.destination, onDisk(plan.files.path(file))), partOf(staging, file), stats.ino);
    parts.set(file, mark);
    named.delete(file);
    states[file] = FILE.part;
    this.#open.forget(file);
  }

  /** `path` below the destination, with slashes, as on the disk. */
  async makeFolder(path: string): Promise<void> {
    if (path === '.' || this.#madeFolders.has(path)) return;
    for (const made of await this.#parts.disk.makeFolders(this.#parts.plan.destination, path.split('/'))) {
      this.folders.add(made).add(dirname(made));
    }
    this.#madeFolders.add(path);
  }

  close(): Promise<void> {
    return this.#open.close();
  }

  #offsetIn({ file, fileOffsetBytes }: Segment): number {
    const { plan, states } = this.#parts;
    return states[file] === FILE.skipped ? plan.files.offsetOf(file) + fileOffsetBytes : fileOffsetBytes;
  }

  async #openPlace(place: number): Promise<FileAccess> {
    const { plan, disk, states, staging, onDisk } = this.#parts;
    const isNamed = states[place] === FILE.named;
    const isBorder = place === plan.files.count;
    const access = isNamed
      ? await disk.open(
          join(plan.destination, onDisk(plan.files.path(place))),
          constants.O_RDONLY | constants.O_NOFOLLOW,
        )
      : await disk.open(
          isBorder ? borderPath(staging) : partOf(staging, place),
          constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW,
          0o666,
        );
    try {
      if (isNamed) this.#checkNamed(place, access.path, await access.stat());
      else await this.#adopt(place, access, isBorder ? undefined : plan.files.sizeOf(place));
      return access;
    } catch (cause) {
      await access.close();
      throw cause;
    }
  }

  async #adopt(place: number, access: FileAccess, sizeBytes: number | undefined): Promise<void> {
    const { parts, journal, staging } = this.#parts;
    const stats = await access.stat();
    const mark = partMark(stats);
    const known = parts.get(place);
    if (known !== undefined && known !== mark) {
      throw changed(access.path, 'was replaced by another program: start the download again');
    }
    if (sizeBytes !== undefined && Number(stats.size) !== sizeBytes) await access.truncate(sizeBytes);
    if (known !== undefined) return;
    await journal.append(partLine(place, mark));
    parts.set(place, mark);
    this.folders.add(staging);
  }

  #checkNamed(file: number, path: string, stats: BigIntStats): void {
    if (markOfNamed(stats) !== this.#parts.named.get(file)) throw changedByOther(path);
  }
}

/** What the journal keeps of a file under its final name. */
export function markOfNamed(stats: BigIntStats): string {
  const { inode, sizeBytes, modifiedNs } = identityOf(stats);
  return `${inode} ${sizeBytes} ${modifiedNs}`;
}

/** What the journal keeps of a partial file: enough to tell it from a later one that got its inode number. */
export const partMark = (stats: BigIntStats): string => `${stats.ino} ${stats.birthtimeNs}`;

const changed = (path: string, how: string): StoreError => new StoreError('changed', `${path} ${how}`);

export const changedByOther = (path: string): StoreError =>
  changed(
    path,
    'was completed and then changed by another program: it is left as it is; move it away to have it fetched again',
  );
