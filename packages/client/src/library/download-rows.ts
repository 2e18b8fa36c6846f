import type { DatabaseSync } from 'node:sqlite';
import type { ErrorCode } from '@peerage/contract';
import type { OrderedWrites } from './ordered-writes.ts';

/** `running` covers everything that goes on by itself; what it does right now (`D`, `V`, `W`) the engine knows. */
export type StoredDownloadState = 'running' | 'paused' | 'completed' | 'failed';

export interface DownloadReason {
  readonly code: ErrorCode;
  readonly message: string;
}

export interface DownloadSource {
  readonly user: string;
  readonly device: string;
  readonly bytes: number;
}

/** What is wanted of a folder. */
export interface FolderChoice {
  /** Patterns; null: all of it. */
  readonly only: readonly string[] | null;
  readonly chosenFiles: number;
  readonly files: number;
  /** Complete as far as it was wanted, that is not all of it, and still offered to others. */
  readonly isServed: boolean;
}

export interface DownloadRow {
  readonly id: string;
  readonly uid: string;
  readonly infoHash: string;
  readonly gid: string;
  readonly groupName: string;
  readonly name: string;
  readonly destination: string;
  readonly sizeBytes: number;
  readonly state: StoredDownloadState;
  readonly reason: DownloadReason | null;
  readonly sources: readonly DownloadSource[];
  /** As it was when the engine last let go of it: what is shown until the engine knows better. */
  readonly doneBytes: number;
  readonly createdMs: number;
  /** Null: it is one file. */
  readonly folder: FolderChoice | null;
}

/** The engine has it: it is being fetched, or what there is of it is served. */
export const isInUse = ({ state, folder }: DownloadRow): boolean =>
  state === 'running' || (state === 'completed' && folder?.isServed === true);

interface Row {
  id: string;
  uid: string;
  info_hash: string;
  gid: string;
  group_name: string;
  name: string;
  destination: string;
  size: number;
  state: StoredDownloadState;
  reason: string | null;
  sources: string;
  created_ms: number;
  folder: string | null;
  done: number;
}

const downloadOf = (row: Row): DownloadRow => ({
  id: row.id,
  uid: row.uid,
  infoHash: row.info_hash,
  gid: row.gid,
  groupName: row.group_name,
  name: row.name,
  destination: row.destination,
  sizeBytes: row.size,
  state: row.state,
  reason: row.reason === null ? null : JSON.parse(row.reason),
  sources: JSON.parse(row.sources),
  doneBytes: row.done,
  createdMs: row.created_ms,
  folder: row.folder === null ? null : JSON.parse(row.folder),
});

export class DownloadRows {
  readonly #database: DatabaseSync;
  readonly #writes: OrderedWrites;

  constructor(database: DatabaseSync, writes: OrderedWrites) {
    this.#database = database;
    this.#writes = writes;
  }

  /** Oldest first. */
  ofUser(uid: string): DownloadRow[] {
    const rows = this.#database.prepare('SELECT * FROM downloads WHERE uid = ? ORDER BY created_ms, id').all(uid);
    return (rows as unknown as Row[]).map(downloadOf);
  }

  save(download: DownloadRow): void {
    this.#writes.now(() => this.write(download));
  }

  /** Of what happened by itself: also on a full disk, where it is noted later. */
  saveSoon(download: DownloadRow): void {
    this.#writes.soon(() => this.write(download));
  }

  /** Out of turn: for a write that has its turn already. */
  write(download: DownloadRow): void {
    this.#database
      .prepare(
        `INSERT INTO downloads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
           state = excluded.state, reason = excluded.reason, sources = excluded.sources, group_name = excluded.group_name,
           size = excluded.size, folder = excluded.folder, done = excluded.done`,
      )
      .run(
        download.id,
        download.uid,
        download.infoHash,
        download.gid,
        download.groupName,
        download.name,
        download.destination,
        download.sizeBytes,
        download.state,
        download.reason === null ? null : JSON.stringify(download.reason),
        JSON.stringify(download.sources),
        download.createdMs,
        download.folder === null ? null : JSON.stringify(download.folder),
        download.doneBytes,
      );
  }

  remove(id: string): void {
    this.#writes.now(() => this.#database.prepare('DELETE FROM downloads WHERE id = ?').run(id));
  }
}
