import { isOwnCreation } from '../accounts/device-keys.ts';
import { LogStore } from './log-store.ts';
import { SqliteTables } from './sqlite-tables.ts';

export interface SqliteOptions {
  readonly wallMs?: () => number;
  /** How large the write-ahead log gets before it is worked into the file. */
  readonly logBytes?: number;
  /** Who hears that the disk did not take what was committed. Where it is given, a commit goes to disk beside the next one's work: nothing that rests on it may be told before `whenOnDisk`. */
  readonly onLogLost?: (error: Error) => void;
}

/** A store in one SQLite file. */
export class SqliteStore extends LogStore {
  readonly #tables: SqliteTables;

  /** Opens or makes the file. Throws `newer_format` for a file of a later version. */
  constructor(path: string, { wallMs = Date.now, logBytes, onLogLost }: SqliteOptions = {}) {
    const tables = new SqliteTables(path, onLogLost && { onFailure: onLogLost }, logBytes);
    super(tables, { wallMs, isOwnCreation, soon: setImmediate });
    this.#tables = tables;
  }

  /** Calls back when all that was committed until now, and whatever was read, is on disk. */
  whenOnDisk(then: () => void): void {
    this.#tables.whenOnDisk(then);
  }
}
