import { LRUCache } from 'lru-cache';
import type { Entity } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import type { Row } from '../domain/rule.ts';

/** Of each entity; of all together about 60 MiB. */
const MOST_ROWS = 20_000;
/** Rows in all scans of an entity that are kept, and in one of them: of a larger one there is little to gain. */
const MOST_SCANNED = 20_000;
const LONGEST_SCAN = 2_000;

interface OfEntity {
  readonly rows: LRUCache<string, Held>;
  readonly scans: LRUCache<string, readonly Row[]>;
}

/**
 * Rows and scans of the open database, those used last. Always true: what it gives is what the database would say at this moment, inside an open transaction too; whoever
 * takes a transaction back clears it. Rows of `command` are left out: each is read once, to see that it is not there.
 */
export class RowCache {
  readonly #entities = new Map<Entity, OfEntity>();

  keeps(entity: Entity): boolean {
    return entity !== 'command';
  }

  row(entity: Entity, key: string): Held | undefined {
    return this.#entities.get(entity)?.rows.get(key);
  }

  scan(entity: Entity, prefix: string): readonly Row[] | undefined {
    return this.#entities.get(entity)?.scans.get(prefix);
  }

  /** What was read, or is written from now on. Its value is given to everybody who asks. */
  keep(row: Held): void {
    Object.freeze(row.value);
    this.#of(row.entity).rows.set(row.key, row);
  }

  keepScan(entity: Entity, prefix: string, rows: readonly Row[]): void {
    if (!prefix.endsWith('/')) return; // only these are found again by the keys below them
    for (const { value } of rows) Object.freeze(value);
    this.#of(entity).scans.set(prefix, Object.freeze(rows));
  }

  /** A row is another one from now on, or none; whether it was kept. */
  forget(entity: Entity, key: string): boolean {
    const known = this.#entities.get(entity);
    if (!known) return false;
    const wasKept = known.rows.delete(key);
    if (known.scans.size === 0) return wasKept;
    for (let end = key.indexOf('/'); end >= 0; end = key.indexOf('/', end + 1)) {
      known.scans.delete(key.slice(0, end + 1));
    }
    return wasKept;
  }

  clear(): void {
    this.#entities.clear();
  }

  #of(entity: Entity): OfEntity {
    let known = this.#entities.get(entity);
    if (!known) {
      known = {
        rows: new LRUCache({ max: MOST_ROWS }),
        scans: new LRUCache({
          maxSize: MOST_SCANNED,
          maxEntrySize: LONGEST_SCAN,
          sizeCalculation: (rows) => rows.length + 1,
        }),
      };
      this.#entities.set(entity, known);
    }
    return known;
  }
}
