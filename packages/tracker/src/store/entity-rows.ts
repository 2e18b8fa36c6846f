import type { Entity } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import type { Stamp } from '../domain/rule.ts';
import type { Statements } from './sqlite-statements.ts';

/** A row of one entity as it is in the file. */
export interface RawRow {
  readonly key: string;
  readonly value: string | null;
  readonly hlc: number;
  readonly origin: string;
  readonly seq: number;
}

/** The rows of one entity, values as text; `from` is the first key, `to` the one behind the last. */
export interface EntityRows {
  get(key: string): RawRow | undefined;
  /** Those that have not ended, in the order of their keys. */
  between(from: string, to: string): Iterable<RawRow>;
  count(from: string, to: string): number;
  /** Whether none of that key was held. */
  insert(key: string, text: string | null, stamp: Stamp): boolean;
  /** `isNew`: none of that key is held, which saves looking. */
  write(key: string, text: string | null, stamp: Stamp, isNew: boolean): void;
  drop(key: string): void;
}

/** Of an entity that shares its table with others. */
export const rowsOf = (entity: Entity, statements: Statements): EntityRows => ({
  get: (key) => statements.held.get(entity, key) as unknown as RawRow | undefined,
  between: (from, to) => statements.scan.all(entity, from, to) as unknown as RawRow[],
  count: (from, to) => Number(statements.count.get(entity, from, to)?.['n']),
  insert: (key, text, { hlc, origin, seq }) => statements.insert.run(entity, key, text, hlc, origin, seq).changes !== 0,
  write: (key, text, { hlc, origin, seq }) => void statements.write.run(entity, key, text, hlc, origin, seq),
  drop: (key) => void statements.drop.run(entity, key),
});

export const toHeld = (entity: Entity, { key, value, hlc, origin, seq }: RawRow): Held => ({
  entity,
  key,
  value: value === null ? null : JSON.parse(value),
  stamp: { hlc, origin, seq },
});
