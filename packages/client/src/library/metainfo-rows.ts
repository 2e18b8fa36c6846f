import type { DatabaseSync } from 'node:sqlite';
import type { OrderedWrites } from './ordered-writes.ts';

/** Canonical info dictionaries of what this client shares and fetches, by info-hash. */
export class MetainfoRows {
  readonly #database: DatabaseSync;
  readonly #writes: OrderedWrites;

  constructor(database: DatabaseSync, writes: OrderedWrites) {
    this.#database = database;
    this.#writes = writes;
  }

  get(infoHash: string): Uint8Array | undefined {
    return this.#database.prepare('SELECT info FROM metainfo WHERE info_hash = ?').get(infoHash)?.['info'] as
      | Uint8Array
      | undefined;
  }

  save(infoHash: string, info: Uint8Array): void {
    const insert = this.#database.prepare('INSERT OR IGNORE INTO metainfo VALUES (?, ?)');
    this.#writes.now(() => insert.run(infoHash, info));
  }

  /** Drops what no share and no download refers to. */
  removeUnused(): void {
    this.#writes.soon(() =>
      this.#database.exec(
        `DELETE FROM metainfo WHERE info_hash NOT IN (SELECT info_hash FROM shares)
           AND info_hash NOT IN (SELECT info_hash FROM downloads)`,
      ),
    );
  }
}
