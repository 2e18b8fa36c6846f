import { PeerageError } from '@peerage/contract';
import { derivedRows } from '../domain/derived-rows.ts';
import { hlcAtMs, type Named } from '../domain/entities.ts';
import { type Held, join } from '../domain/join.ts';
import type { Put } from '../domain/rule.ts';
import { replicationLimits } from '../limits.ts';
import type { Op } from '../replication/op.ts';
import type { HybridClock } from './clock.ts';
import { writeOwn } from './commit-rows.ts';
import { readNow } from './read-now.ts';
import type { Tables } from './tables.ts';

export type Changes = readonly Put[];

/** Whether the id of a user or group was made and signed by the device that its row names. */
export type IsOwnCreation = (kind: 'user' | 'group', id: string, value: Named) => boolean;

export interface Merging {
  readonly clock: HybridClock;
  readonly wallMs: number;
  readonly isOwnCreation: IsOwnCreation;
}

/** Whoever's clock is further ahead than this is not believed. */
export const aheadOf = (wallMs: number): number => hlcAtMs(wallMs + replicationLimits.aheadMs);

/** A page of a catch-up is written in the order of its rows, so that each page of the file is touched once: what becomes of rows does not depend on their order. Of one row the ops stay in theirs. */
const MOST_AS_THEY_CAME = 1_000;

const byPlace = (a: Op, b: Op): number => {
  const [x, y] = a.entity === b.entity ? [a.key, b.key] : [a.entity, b.entity];
  return x < y ? -1 : x > y ? 1 : 0;
};

/** Merges whole commits; throws `protocol` before anything is written where an op is missing. */
export function mergeOps(
  tables: Tables,
  ops: readonly Op[],
  merging: Merging,
): { changed: Changes; foreign: number; ahead: number } {
  const news = wholeCommits(tables, ops);
  const changed: Put[] = [];
  const held = new Map<string, number>();
  const stopped = new Set<string>();
  const taken: Op[] = [];
  let foreign = 0;
  let ahead = 0;
  for (const op of news) {
    if (op.hlc > aheadOf(merging.wallMs)) stopped.add(op.origin);
    if (stopped.has(op.origin)) {
      ahead++;
      continue;
    }
    merging.clock.observe(op.hlc);
    tables.addOp(op);
    held.set(op.origin, op.seq);
    taken.push(op);
  }
  for (const op of taken.length > MOST_AS_THEY_CAME ? taken.toSorted(byPlace) : taken) {
    const { entity, key, value, hlc, origin, seq } = op;
    if (isForeign(op, merging)) foreign++;
    else changed.push(...mergeRow(tables, { entity, key, value, stamp: { hlc, origin, seq } }, merging));
  }
  for (const [origin, seq] of held) {
    tables.setOrigin(origin, { floor: tables.origins().get(origin)?.floor ?? 0, held: seq });
  }
  return { changed, foreign, ahead };
}

/** Joins a row from elsewhere into what is held; what of the visible rows changed. */
export function mergeRow(tables: Tables, row: Held, { clock }: Pick<Merging, 'clock'>): Put[] {
  const { entity, key } = row;
  let { value } = row;
  let former: Put['value'] | undefined;
  if (!tables.insert(row)) {
    const known = tables.held(entity, key)!;
    const joined = join(known, row);
    if (joined === known) return [];
    tables.write(joined);
    value = joined.value;
    if (entity === 'application') former = known.value;
  }
  const put: Put = { entity, key, value, ...(former !== undefined && { former }) };
  const derived = readNow(tables, derivedRows(put));
  for (const own of derived) writeOwn(tables, own, clock.now());
  return [put, ...derived];
}

/** Drops a row without a trace, with what follows from it; what of the visible rows changed. */
export function dropRow(tables: Tables, row: Held, { clock }: Pick<Merging, 'clock'>): Put[] {
  const { entity, key } = row;
  tables.drop(entity, key);
  const put: Put = { entity, key, value: null };
  const derived = readNow(tables, derivedRows(put, row.value));
  for (const own of derived) writeOwn(tables, own, clock.now());
  return [put, ...derived];
}

export function isForeign({ entity, key, value }: Pick<Held, 'entity' | 'key' | 'value'>, merging: Merging): boolean {
  return (
    (entity === 'user' || entity === 'group') && (value === null || !merging.isOwnCreation(entity, key, value as Named))
  );
}

/** What of these ops is new; they begin where the log ends, have no gap, and end with their commits. */
function wholeCommits(tables: Tables, ops: readonly Op[]): Op[] {
  const ends = new Map<string, Op>();
  const news = ops.filter((op) => {
    const before = ends.get(op.origin);
    const held = before?.seq ?? tables.origins().get(op.origin)?.held ?? 0;
    if (op.seq <= held) return false;
    if (op.seq !== held + 1 || (before && before.seq !== before.last && op.last !== before.last)) throw gap();
    ends.set(op.origin, op);
    return true;
  });
  for (const op of ends.values()) if (op.seq !== op.last) throw gap();
  return news;
}

const gap = (): PeerageError =>
  new PeerageError('protocol', 'the ops have a gap: the other tracker sent what does not follow on what is held here');
