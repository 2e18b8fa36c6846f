import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type Download, PeerageError, type Share } from '@peerage/contract';
import { type DownloadRow, isInUse } from './download-rows.ts';
import { type Fetch, isInEngine, viewOf } from './download-view.ts';
import type { Library } from './library.ts';
import type { ShareKey } from './peer-lists.ts';

/** The downloads of the user who is logged in, as they stand. Always true: what is kept here is in the library as well; only what happened by itself may get there a moment later. */
export class Fetches {
  readonly #library: Library;
  readonly #byId = new Map<string, Fetch>();

  constructor(library: Library) {
    this.#library = library;
  }

  /** As that user left them. */
  load(uid: string): readonly DownloadRow[] {
    const rows = this.#library.downloads.ofUser(uid);
    for (const row of rows) this.startOver(row);
    return rows;
  }

  clear(): void {
    this.#byId.clear();
  }

  /** Whether it is still as it was when `row` was looked up. */
  isStill(row: DownloadRow): boolean {
    return this.#byId.get(row.id)?.row === row;
  }

  list(): Download[] {
    return [...this.#byId.values()].map(viewOf);
  }

  /** What still lacks something. */
  running(): ShareKey[] {
    return [...this.#byId.values()]
      .filter(({ row }) => row.state === 'running')
      .map(({ row }) => ({ gid: row.gid, infoHash: row.infoHash }));
  }

  /** What is announced: what still lacks something, and folders of which only some files were wanted. */
  inUse(): ShareKey[] {
    return [...this.#byId.values()].map(({ row }) => row).filter(isInUse);
  }

  /** Folders of which only some files were wanted, and which are served as far as they are here. */
  served(): Share[] {
    return [...this.#byId.values()].flatMap(({ row, snapshot }) => {
      if (row.state !== 'completed' || !row.folder?.isServed) return [];
      return {
        group: row.groupName,
        file: row.name,
        path: row.destination,
        size: row.sizeBytes,
        files: { held: row.folder.chosenFiles, all: row.folder.files },
        state: 'offered' as const,
        uploaded: snapshot?.uploadedBytes ?? 0,
        up_rate: Math.round(snapshot?.upBytesPerSecond ?? 0),
        peers: snapshot?.connected.length ?? 0,
      };
    });
  }

  /** The finished download of that content to that path. */
  completedAt(infoHash: string, destination: string): DownloadRow | undefined {
    return [...this.#byId.values()].findLast(
      ({ row }) => row.infoHash === infoHash && row.destination === destination && row.state === 'completed',
    )?.row;
  }

  /** The latest download of that content, if there is one. */
  ofContent(infoHash: string): DownloadRow | undefined {
    return [...this.#byId.values()].findLast(({ row }) => row.infoHash === infoHash)?.row;
  }

  /** The unfinished download of that content, if there is one. */
  unfinished(infoHash: string): DownloadRow | undefined {
    return [...this.#byId.values()].find(({ row }) => row.infoHash === infoHash && row.state !== 'completed')?.row;
  }

  /** The unfinished download to that path, however the path to its folder is written. */
  async writesTo(destination: string): Promise<DownloadRow | undefined> {
    const folder = await folderMark(destination);
    for (const { row } of [...this.#byId.values()]) {
      if (row.state === 'completed' || basename(row.destination) !== basename(destination)) continue;
      if (row.destination === destination || (await folderMark(row.destination)) === folder) return row;
    }
    return undefined;
  }

  all(): readonly DownloadRow[] {
    return [...this.#byId.values()].map(({ row }) => row);
  }

  /** The latest download of that name in that group, if there is one. */
  latest(group: string, file: string): DownloadRow | undefined {
    const fold = group.toLowerCase();
    return [...this.#byId.values()].findLast(({ row }) => row.groupName.toLowerCase() === fold && row.name === file)
      ?.row;
  }

  /** The same, or the refusal. */
  find(group: string, file: string): DownloadRow {
    const found = this.latest(group, file);
    if (found) return found;
    throw new PeerageError(
      'no_such_download',
      `there is no download of '${file}' in '${group}': show_downloads lists them`,
    );
  }

  isInEngine(row: DownloadRow): boolean {
    return isInEngine(row);
  }

  allInEngine(): Fetch[] {
    return [...this.#byId.values()].filter(({ row }) => isInEngine(row));
  }

  inEngine(infoHash: string): Fetch | undefined {
    // Asked for every snapshot of each of hundreds: without a copy of them all.
    for (const fetch of this.#byId.values()) if (fetch.row.infoHash === infoHash && isInEngine(fetch.row)) return fetch;
    return undefined;
  }

  /** What the engine told of an earlier try is forgotten. */
  startOver(row: DownloadRow): void {
    this.#byId.set(row.id, { row, snapshot: undefined });
  }

  save(row: DownloadRow): void {
    this.#library.downloads.save(row);
    this.remember(row);
  }

  /** What happened by itself is so, also where a full disk keeps it from being saved now: at the next start the engine finds it out again. */
  note(row: DownloadRow): void {
    this.#library.downloads.saveSoon(row);
    this.remember(row);
  }

  remember(row: DownloadRow): void {
    const known = this.#byId.get(row.id);
    if (known) known.row = row;
    else this.#byId.set(row.id, { row, snapshot: undefined });
  }

  forget(row: DownloadRow): void {
    this.#library.downloads.remove(row.id);
    this.#byId.delete(row.id);
  }
}

/** What tells the folder of a path, whatever links lead to it; itself where there is none. */
async function folderMark(path: string): Promise<string> {
  try {
    const { dev, ino } = await stat(dirname(path), { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return dirname(path); // nothing there to write to: the path itself has to do
  }
}
