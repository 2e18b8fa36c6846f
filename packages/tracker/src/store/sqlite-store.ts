import { isOwnCreation } from '../accounts/device-keys.ts';
import { LogStore } from './log-store.ts';
import { SqliteTables } from './sqlite-tables.ts';

export interface SqliteOptions {
  readonly wallMs?: () => number;
  /** How large the write-ahead log gets before it is worked into the file. */
  readonly logBytes?: number;
  /** False: whoever is told of a commit brings the log to disk before anybody else is (log-sync.ts). */
  readonly waitsForDisk?: boolean;
}

/** A store in one SQLite file. */
export class SqliteStore extends LogStore {
  readonly #tables: SqliteTables;

  /** Opens or makes the file. Throws `newer_format` for a file of a later version. */
  constructor(path: string, { wallMs = Date.now, logBytes, waitsForDisk }: SqliteOptions = {}) {
    const tables = new SqliteTables(path, waitsForDisk, logBytes);
    super(tables, { wallMs, isOwnCreation, soon: setImmediate });
    this.#tables = tables;
  }

  /** Counts commits; whatever is said of the store at a moment rests on so many of them, and may be told when they are on disk. */
  get commits(): number {
    return this.#tables.commits;
  }
}
