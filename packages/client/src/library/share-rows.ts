import type { DatabaseSync } from 'node:sqlite';
import { together } from './database.ts';
import type { OrderedWrites } from './ordered-writes.ts';

/** Something that this device shares: a file of this home's user, offered in a group. */
export interface ShareRow {
  readonly uid: string;
  readonly infoHash: string;
  readonly gid: string;
  readonly groupName: string;
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** What the file was when it was read (storage's file identity): where it differs, it is read again before it is offered. */
  readonly identity: string;
  /** Whether a tracker has acknowledged the intent; a row without it is a share that was cut off half-way. */
  readonly acknowledged: boolean;
  /** It was downloaded: until it is acknowledged it is shared only where the group still lists it. */
  readonly ifListed: boolean;
  readonly uploadedBytes: number;
  /** Files of a folder; null: it is one file. */
  readonly files: number | null;
}

/** What stands in the column `acknowledged`. */
const states = { unacknowledged: 0, acknowledged: 1, ifListed: 2 } as const;

interface Row {
  uid: string;
  info_hash: string;
  gid: string;
  group_name: string;
  name: string;
  path: string;
  size: number;
  identity: string;
  acknowledged: number;
  uploaded: number;
  files: number | null;
}

const shareOf = (row: Row): ShareRow => ({
  uid: row.uid,
  infoHash: row.info_hash,
  gid: row.gid,
  groupName: row.group_name,
  name: row.name,
  path: row.path,
  sizeBytes: row.size,
  identity: row.identity,
  acknowledged: row.acknowledged === states.acknowledged,
  ifListed: row.acknowledged === states.ifListed,
  uploadedBytes: row.uploaded,
  files: row.files,
});

export class ShareRows {
  readonly #database: DatabaseSync;
  readonly #writes: OrderedWrites;

  constructor(database: DatabaseSync, writes: OrderedWrites) {
    this.#database = database;
    this.#writes = writes;
  }

  ofUser(uid: string): ShareRow[] {
    const rows = this.#database.prepare('SELECT * FROM shares WHERE uid = ? ORDER BY group_name, name').all(uid);
    return (rows as unknown as Row[]).map(shareOf);
  }

  find(uid: string, infoHash: string): ShareRow | undefined {
    const row = this.#database.prepare('SELECT * FROM shares WHERE uid = ? AND info_hash = ?').get(uid, infoHash);
    return row && shareOf(row as unknown as Row);
  }

  save(share: ShareRow): void {
    this.#writes.now(() => this.write(share));
  }

  /** Of what happened by itself: also on a full disk, where it is noted later. */
  saveSoon(share: ShareRow): void {
    this.#writes.soon(() => this.write(share));
  }

  /** Out of turn: for a write that has its turn already. */
  write(share: ShareRow): void {
    this.#database
      .prepare(
        `INSERT INTO shares VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uid, info_hash) DO UPDATE SET
           group_name = excluded.group_name, path = excluded.path, identity = excluded.identity, acknowledged = excluded.acknowledged`,
      )
      .run(
        share.uid,
        share.infoHash,
        share.gid,
        share.groupName,
        share.name,
        share.path,
        share.sizeBytes,
        share.identity,
        share.acknowledged ? states.acknowledged : share.ifListed ? states.ifListed : states.unacknowledged,
        share.uploadedBytes,
        share.files,
      );
  }

  /** One wait for the disk for all of them. */
  setUploaded(counters: readonly { uid: string; infoHash: string; uploadedBytes: number }[]): void {
    if (counters.length === 0) return;
    const update = this.#database.prepare('UPDATE shares SET uploaded = ? WHERE uid = ? AND info_hash = ?');
    this.#writes.soon(() =>
      together(this.#database, () => {
        for (const { uid, infoHash, uploadedBytes } of counters) update.run(uploadedBytes, uid, infoHash);
      }),
    );
  }

  remove(uid: string, infoHash: string): void {
    const remove = this.#database.prepare('DELETE FROM shares WHERE uid = ? AND info_hash = ?');
    this.#writes.now(() => remove.run(uid, infoHash));
  }
}
