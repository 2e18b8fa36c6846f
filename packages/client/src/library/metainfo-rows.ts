import type { DatabaseSync } from 'node:sqlite';

/** Canonical info dictionaries of what this client shares and fetches, by info-hash. */
export class MetainfoRows {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get(infoHash: string): Uint8Array | undefined {
    return this.#database.prepare('SELECT info FROM metainfo WHERE info_hash = ?').get(infoHash)?.['info'] as
      | Uint8Array
      | undefined;
  }

  save(infoHash: string, info: Uint8Array): void {
    this.#database.prepare('INSERT OR IGNORE INTO metainfo VALUES (?, ?)').run(infoHash, info);
  }

  /** Drops what no share and no download refers to. */
  removeUnused(): void {
    this.#database.exec(
      `DELETE FROM metainfo WHERE info_hash NOT IN (SELECT info_hash FROM shares)
         AND info_hash NOT IN (SELECT info_hash FROM downloads)`,
    );
  }
}
