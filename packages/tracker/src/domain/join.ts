import type { Entities, Entity, MembershipState } from './entities.ts';
import type { Stamp } from './rule.ts';

/**
 * How rows of two trackers become one: {@link join} is commutative, associative and idempotent, so that trackers that hold the same ops hold the same rows,
 * in whatever order, how often and by whatever way the ops came. For most entities one of the two wins, by a total order; applications are joined field by field.
 */

/** A replicated row as it is stored and sent; null: ended, a tombstone. */
export interface Held<E extends Entity = Entity> {
  readonly entity: E;
  readonly key: string;
  readonly value: Entities[E] | null;
  readonly stamp: Stamp;
}

const compareStamps = (a: Stamp, b: Stamp): number =>
  a.hlc - b.hlc || (a.origin < b.origin ? -1 : a.origin > b.origin ? 1 : a.seq - b.seq);

const strictness: Readonly<Record<MembershipState, number>> = {
  pending: 0,
  member: 1,
  left: 2,
  rejected: 3,
  removed: 4,
};

type Rank<E extends Entity> = (value: Entities[E]) => readonly number[];
type Order<E extends Entity> = { readonly rank?: Rank<E>; readonly wins: 'first' | 'later' };
type Orders = { readonly [E in Entity]?: Order<E> };

/** The larger rank wins, number by number; then the first or the later stamp. */
const orders: Orders = {
  user_name: { rank: ({ settled, claimedAt }) => [Number(settled), -claimedAt], wins: 'first' },
  group_name: { rank: ({ settled, claimedAt }) => [Number(settled), -claimedAt], wins: 'first' },
  user: { rank: ({ renamedAt }) => [renamedAt], wins: 'first' },
  group: { rank: ({ renamedAt }) => [renamedAt], wins: 'first' },
  credential: { rank: ({ changedAt }) => [changedAt], wins: 'first' },
  device: { rank: ({ revoked }) => [Number(revoked)], wins: 'later' },
  login: { rank: ({ at, on }) => [at, Number(!on)], wins: 'later' },
  preferred_owner: { rank: ({ at }) => [at], wins: 'first' },
  group_label: { wins: 'first' },
  // Rows that are collected: whatever is written afterwards has a later stamp, and wins on who has not collected them yet.
  command: { wins: 'later' },
  content: { wins: 'later' },
  intent: { wins: 'later' },
  issuer: { rank: ({ retired }) => [Number(retired)], wins: 'first' },
  issuer_end: { rank: ({ lastAt }) => [lastAt], wins: 'first' },
  tracker_key: { wins: 'first' },
  revocation: { rank: ({ at }) => [at], wins: 'first' },
};

/** The row that follows from two rows of one key: one of the two itself where it wins. */
export function join<E extends Entity>(a: Held<E>, b: Held<E>): Held<E> {
  if (a.entity === 'application')
    return joinApplications(a as Held<'application'>, b as Held<'application'>) as Held<E>;
  const { rank, wins } = orders[a.entity] as Order<E>;
  if (a.value !== null && b.value !== null && rank) {
    const [ranksOfA, ranksOfB] = [rank(a.value), rank(b.value)];
    for (const [index, rankOfA] of ranksOfA.entries()) {
      const difference = rankOfA - ranksOfB[index]!;
      if (difference !== 0) return difference > 0 ? a : b;
    }
  }
  const later = compareStamps(a.stamp, b.stamp) >= 0;
  return later === (wins === 'later') ? a : b;
}

/** The earliest time of applying, the stricter state, of one state the one that began first: fails closed. */
function joinApplications(a: Held<'application'>, b: Held<'application'>): Held<'application'> {
  const [x, y] = [a.value!, b.value!];
  const state = compareStates(x, y) <= 0 ? x : y;
  return {
    ...a,
    value: {
      ...state,
      application: Math.min(x.application, y.application),
      refusals: Math.max(x.refusals, y.refusals),
    },
    stamp: compareStamps(a.stamp, b.stamp) >= 0 ? a.stamp : b.stamp,
  };
}

function compareStates(x: Entities['application'], y: Entities['application']): number {
  const [decidedX, decidedY] = [x.decidedBy ?? '', y.decidedBy ?? ''];
  return (
    strictness[y.state] - strictness[x.state] ||
    x.since - y.since ||
    (decidedX < decidedY ? -1 : decidedX > decidedY ? 1 : 0)
  );
}

export type Take = 'takes' | 'has' | 'refuses';

/** What a local write does to the row that is held: it is taken; it says what is there already; or the row would not become what was written. */
export function takes(held: Held | undefined, write: Held): Take {
  if (!held) return 'takes';
  const same = (row: Held) => JSON.stringify(row.value) === JSON.stringify(write.value);
  const joined = join(held, write);
  if (joined === write) return 'takes';
  if (same(held)) return 'has';
  return joined !== held && same(joined) ? 'takes' : 'refuses';
}
