import type { Entities, Entity, Hlc } from '../domain/entities.ts';

/** One row that one tracker wrote (docs/spec/replication.md). */
export interface Op {
  readonly origin: string;
  readonly seq: number;
  /** Number of the last op of its commit: a commit is merged whole or not at all. */
  readonly last: number;
  readonly hlc: Hlc;
  readonly entity: Entity;
  readonly key: string;
  readonly value: Entities[Entity] | null;
}

/** For each origin the number up to which all its ops are held. */
export type Vector = Readonly<Record<string, number>>;

/** Whether who holds `a` holds all of `b`. */
export const covers = (a: Vector, b: Vector): boolean =>
  Object.entries(b).every(([origin, seq]) => (a[origin] ?? 0) >= seq);

/** What both hold. */
export function meet(a: Vector, b: Vector): Vector {
  const both: Record<string, number> = {};
  for (const [origin, seq] of Object.entries(a)) {
    const held = Math.min(seq, b[origin] ?? 0);
    if (held > 0) both[origin] = held;
  }
  return both;
}

/** How many ops of `a` are not in `b`. */
export function missing(a: Vector, b: Vector): number {
  let ops = 0;
  for (const [origin, seq] of Object.entries(a)) ops += Math.max(0, seq - (b[origin] ?? 0));
  return ops;
}
