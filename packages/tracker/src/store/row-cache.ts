import { LRUCache } from 'lru-cache';
import type { Entity } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import type { Row } from '../domain/rule.ts';
import { comparePlaces } from './tables.ts';

/** Of each entity; of all together about 60 MiB. */
const MOST_ROWS = 20_000;
/** Rows in all scans of an entity that are kept, and in one of them: of a larger one there is little to gain. */
const MOST_SCANNED = 20_000;
const LONGEST_SCAN = 2_000;
/** A longer one is read anew when one of its rows changed. */
const LONGEST_AMENDED = 32;
const MOST_COUNTS = 5_000;
const MOST_NEW_COMMANDS = 10_000;

/** It is known that there is no such row, no tombstone either. */
const ABSENT = Object.freeze({});

interface OfEntity {
  readonly rows: LRUCache<string, Held | typeof ABSENT>;
  readonly scans: LRUCache<string, readonly Row[]>;
  readonly counts: LRUCache<string, number>;
}

/**
 * Rows, scans and counts of the open database, those used last. Always true: what it gives is what the database would say at this moment, inside an open transaction too; whoever
 * takes a transaction back clears it. Rows of `command` are left out: each is looked for, not found, written, and not read again; that it is not there is kept until then.
 */
export class RowCache {
  readonly #entities = new Map<Entity, OfEntity>();
  readonly #newCommands = new Set<string>();

  /** The row; undefined where it is not known, null where it is known that there is none. */
  row(entity: Entity, key: string): Held | null | undefined {
    if (entity === 'command') return this.#newCommands.has(key) ? null : undefined;
    const known = this.#entities.get(entity)?.rows.get(key);
    return known === ABSENT ? null : (known as Held | undefined);
  }

  scan(entity: Entity, prefix: string): readonly Row[] | undefined {
    return this.#entities.get(entity)?.scans.get(prefix);
  }

  count(entity: Entity, prefix: string): number | undefined {
    const known = this.#entities.get(entity);
    return known && (known.scans.get(prefix)?.length ?? known.counts.get(prefix));
  }

  /** What was looked for. Its value is given to everybody who asks. */
  keep(entity: Entity, key: string, row: Held | undefined): void {
    if (entity === 'command') {
      if (this.#newCommands.size >= MOST_NEW_COMMANDS) this.#newCommands.clear(); // looked for, and refused
      if (!row) this.#newCommands.add(key);
      return;
    }
    if (row) Object.freeze(row.value);
    this.#of(entity).rows.set(key, row ?? ABSENT);
  }

  keepScan(entity: Entity, prefix: string, rows: readonly Row[]): void {
    if (!prefix.endsWith('/')) return; // only these are found again by the keys below them
    for (const { value } of rows) Object.freeze(value);
    this.#of(entity).scans.set(prefix, Object.freeze(rows));
  }

  keepCount(entity: Entity, prefix: string, count: number): void {
    if (prefix.endsWith('/')) this.#of(entity).counts.set(prefix, count);
  }

  /** A row is the one that `make` makes from now on, or none. One that is in use, or was looked for, stays at hand. */
  changed(entity: Entity, key: string, make?: () => Held): void {
    if (entity === 'command') this.#newCommands.delete(key);
    const known = this.#entities.get(entity);
    if (!known) return;
    const before = known.rows.get(key);
    if (before === undefined && known.scans.size === 0 && known.counts.size === 0) return;
    const row = make?.();
    if (before !== undefined) this.keep(entity, key, row);
    const isThere = row !== undefined && row.value !== null;
    const wasThere = before && before !== ABSENT && (before as Held).value !== null;
    for (let end = key.indexOf('/'); end >= 0; end = key.indexOf('/', end + 1)) {
      const prefix = key.slice(0, end + 1);
      const scanned = known.scans.peek(prefix);
      if (scanned && scanned.length > LONGEST_AMENDED) known.scans.delete(prefix);
      else if (scanned) this.keepScan(entity, prefix, amended(scanned, key, isThere ? (row as Row) : undefined));
      const count = known.counts.peek(prefix);
      if (count === undefined) continue;
      if (before === undefined) known.counts.delete(prefix);
      else known.counts.set(prefix, count + Number(isThere) - Number(wasThere));
    }
  }

  clear(): void {
    this.#entities.clear();
    this.#newCommands.clear();
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
        counts: new LRUCache({ max: MOST_COUNTS }),
      };
      this.#entities.set(entity, known);
    }
    return known;
  }
}

/** A scan in which the row of that key is this one from now on, or none. */
function amended(rows: readonly Row[], key: string, row: Row | undefined): Row[] {
  const others = rows.filter((other) => other.key !== key);
  if (!row) return others;
  const place = others.findIndex((other) => comparePlaces(other, row) > 0);
  return place < 0 ? [...others, row] : others.toSpliced(place, 0, row);
}
