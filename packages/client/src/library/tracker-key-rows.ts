import type { DatabaseSync } from 'node:sqlite';

/** The key that each tracker showed when this home first met it; never replaced by itself (security.md, "Tracker key"). */
export class TrackerKeyRows {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  find(address: string): string | undefined {
    return this.#database.prepare('SELECT pin FROM tracker_keys WHERE address = ?').get(address)?.['pin'] as
      | string
      | undefined;
  }

  remember(address: string, pin: string): void {
    this.#database.prepare('INSERT INTO tracker_keys VALUES (?, ?) ON CONFLICT (address) DO NOTHING').run(address, pin);
  }
}
