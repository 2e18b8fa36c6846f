import { type Hlc, keyParts, keys } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import type { Vector } from '../replication/op.ts';
import type { HybridClock } from './clock.ts';
import { type Changes, dropRow } from './merge-ops.ts';
import type { Tables } from './tables.ts';

/**
 * Drops tombstones, contents whose last intent they were, and old commands and revocations, where every tracker has them: `upTo`. Only rows whose ops are dropped from the
 * log go, so whoever may still hold something older has to take a snapshot, which tells that they went.
 */
export function collectRows(tables: Tables, upTo: Vector, before: Hlc, clock: HybridClock): Changes {
  const goes = ({ stamp: { origin, seq } }: Held) =>
    seq <= Math.min(upTo[origin] ?? 0, tables.origins().get(origin)?.floor ?? 0);
  const drop = (row: Held) => dropRow(tables, row, { clock });
  const changed = tables.agedBefore(before).filter(goes).flatMap(drop);
  for (const tombstone of tables.ended().filter(goes)) {
    const [gid = '', infoHash = ''] = keyParts(tombstone.key);
    const content = tables.held('content', keys.content(gid, infoHash));
    if (content && tables.count('intent', `${content.key}/`) === 0) {
      if (!goes(content)) continue; // listed anew here, where the end was not known: nothing but this tombstone leads back to it
      changed.push(...drop(content));
    }
    changed.push(...drop(tombstone));
  }
  return changed;
}
