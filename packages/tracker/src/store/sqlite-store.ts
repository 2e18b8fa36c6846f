import { isOwnCreation } from '../accounts/device-keys.ts';
import { LogStore } from './log-store.ts';
import { SqliteTables } from './sqlite-tables.ts';

/** A store in one SQLite file. */
export class SqliteStore extends LogStore {
  /** Opens or makes the file. Throws `newer_format` for a file of a later version. */
  constructor(path: string, wallMs: () => number = Date.now, logBytes?: number) {
    super(new SqliteTables(path, logBytes), { wallMs, isOwnCreation, soon: setImmediate });
  }
}
