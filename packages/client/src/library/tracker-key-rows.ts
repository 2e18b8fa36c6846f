import type { DatabaseSync } from 'node:sqlite';
import type { OrderedWrites } from './ordered-writes.ts';

/** The key that each tracker showed when this home first met it; replaced only by one that it signed (security.md, "Tracker key"). */
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

  /** The tracker's key `from` signed that `to` follows it; changes nothing where another than `from` is known. */
  replace(address: string, from: string, to: string): void {
    const update = this.#database.prepare('UPDATE tracker_keys SET pin = ? WHERE address = ? AND pin = ?');
    this.#writes.now(() => update.run(to, address, from));
  }
}
