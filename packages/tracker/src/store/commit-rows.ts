import { type Entity, type Hlc, replicated } from '../domain/entities.ts';
import { type Held, takes } from '../domain/join.ts';
import type { Put, Stamp } from '../domain/rule.ts';
import { type CommitOutcome, type Expectation, sameStamp } from './durable-store.ts';
import type { Tables } from './tables.ts';

export interface Commit {
  readonly puts: readonly Put[];
  readonly expect: readonly Expectation[];
  readonly hlc: Hlc;
  readonly origin: string;
}

/** Writes and logs a commit, or nothing of it: where an expectation is not true, or where a row would not become what is written. */
export function commitRows(tables: Tables, commit: Commit): { outcome: CommitOutcome; changed: readonly Put[] } {
  const { puts, hlc, origin } = commit;
  if (!commit.expect.every((expectation) => isTrue(tables, expectation))) return { outcome: 'stale', changed: [] };
  const state = tables.origins().get(origin) ?? { held: 0, floor: 0 };
  let seq = state.held;
  const logged: Held[] = [];
  for (const put of puts) {
    if (!replicated[put.entity]) continue;
    const held: Held = { ...put, stamp: { hlc, origin, seq: seq + 1 } };
    const take = takes(tables.held(put.entity, put.key), held);
    if (take === 'refuses') return { outcome: 'refused', changed: [] };
    if (take === 'has') continue; // logged before
    logged.push(held);
    seq++;
  }
  for (const { entity, key, value, stamp } of logged) {
    tables.addOp({ origin, seq: stamp.seq, last: seq, hlc, entity, key, value });
    tables.write({ entity, key, value, stamp });
  }
  for (const put of puts) if (!replicated[put.entity]) writeOwn(tables, put, hlc);
  if (logged.length > 0) tables.setOrigin(origin, { ...state, held: seq });
  return { outcome: 'ok', changed: puts };
}

/** Writes a row of this tracker's own; not again what is there: most index rows say the same for ever. */
export function writeOwn(tables: Tables, { entity, key, value }: Put, hlc: Hlc): void {
  if (value === null) {
    tables.drop(entity, key);
    return;
  }
  const row: Held = { entity, key, value, stamp: { hlc, origin: '', seq: 0 } };
  if (tables.insert(row) || JSON.stringify(tables.held(entity, key)!.value) === JSON.stringify(value)) return;
  tables.write(row);
}

function isTrue(tables: Tables, expectation: Expectation): boolean {
  const { entity } = expectation;
  if ('scanned' in expectation) {
    const { prefix, scanned } = expectation;
    return (
      tables.gives(entity, prefix, scanned) || scanned.every(({ key, stamp }) => isHeld(tables, entity, key, stamp))
    );
  }
  if ('prefix' in expectation) return tables.count(entity, expectation.prefix) === expectation.rows;
  return isHeld(tables, entity, expectation.key, expectation.stamp);
}

function isHeld(tables: Tables, entity: Entity, key: string, stamp: Stamp | null): boolean {
  const held = tables.held(entity, key);
  return sameStamp(held === undefined || held.value === null ? null : held.stamp, stamp);
}
