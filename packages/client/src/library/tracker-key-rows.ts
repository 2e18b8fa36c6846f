import type { DatabaseSync } from 'node:sqlite';
import type { OrderedWrites } from './ordered-writes.ts';

/** The key that each tracker showed when this home first met it; never replaced by itself (security.md, "Tracker key"). */
export class TrackerKeyRows {
  readonly #database: DatabaseSync;
  readonly #writes: OrderedWrites;

  constructor(database: DatabaseSync, writes: OrderedWrites) {
    this.#database = database;
    this.#writes = writes;
  }

  find(address: string): string | undefined {
    return this.#database.prepare('SELECT pin FROM tracker_keys WHERE address = ?').get(address)?.['pin'] as
      | string
      | undefined;
  }

  remember(address: string, pin: string): void {
    const insert = this.#database.prepare('INSERT INTO tracker_keys VALUES (?, ?) ON CONFLICT (address) DO NOTHING');
    this.#writes.now(() => insert.run(address, pin));
  }
}
