import type { Held } from '../domain/join.ts';
import type { Put } from '../domain/rule.ts';
import { aheadOf, type Changes, dropRow, isForeign, type Merging, mergeRow } from './merge-ops.ts';
import type { SnapshotPage } from './replicated-store.ts';
import { comparePlaces, type Tables } from './tables.ts';

/**
 * Takes a page of another tracker's rows. What is held here, the snapshot covers, and the snapshot does not have, was collected there: it goes. A snapshot
 * that replaces lets nothing stay but what this run wrote. With the last page the vector is what the snapshot covers.
 */
export function mergeSnapshot(
  tables: Tables,
  page: SnapshotPage,
  merging: Merging & { readonly origin: string },
): { changed: Changes; foreign: number; ahead: number } {
  const changed: Put[] = [];
  let foreign = 0;
  let ahead = 0;
  const sent = new Map(page.rows.map((row) => [placeOf(row), row]));
  for (const row of [...heldWithin(tables, page)]) {
    if (sent.has(placeOf(row))) continue;
    const { origin, seq } = row.stamp;
    const collected = page.replaces ? origin !== merging.origin : seq <= (page.vector[origin] ?? 0);
    if (collected) changed.push(...dropRow(tables, row, merging));
  }
  for (const row of page.rows) {
    if (row.stamp.hlc > aheadOf(merging.wallMs)) ahead++;
    else if (isForeign(row, merging)) foreign++;
    else {
      merging.clock.observe(row.stamp.hlc);
      const known = page.replaces ? tables.held(row.entity, row.key) : undefined;
      if (known && known.stamp.origin !== merging.origin) tables.drop(row.entity, row.key);
      changed.push(...mergeRow(tables, row, merging));
    }
  }
  if (!page.more && ahead === 0) setVector(tables, page, merging.origin);
  return { changed, foreign, ahead };
}

function setVector(tables: Tables, { vector, replaces }: SnapshotPage, own: string): void {
  if (replaces) for (const origin of [...tables.origins().keys()]) if (origin !== own) tables.dropOrigin(origin);
  for (const [origin, covered] of Object.entries(vector)) {
    if ((tables.origins().get(origin)?.held ?? 0) >= covered) continue;
    tables.dropOps(origin, covered);
    tables.setOrigin(origin, { held: covered, floor: covered });
  }
}

const placeOf = ({ entity, key }: Held): string => `${entity} ${key}`;

function* heldWithin(tables: Tables, { after, rows, more }: SnapshotPage): IterableIterator<Held> {
  const last = more ? rows.at(-1) : undefined;
  for (const row of tables.heldAfter(after)) {
    if (last && comparePlaces(row, last) > 0) return;
    yield row;
  }
}
