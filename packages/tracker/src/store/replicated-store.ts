import type { Entity, Hlc } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import type { Op, Vector } from '../replication/op.ts';
import type { DurableStore } from './durable-store.ts';
import type { KeptRow, LoggedOp } from './tables.ts';

/** A place in the order of rows: by entity, then key. */
export interface RowPlace {
  readonly entity: Entity;
  readonly key: string;
}

export interface SnapshotPage {
  /** All rows behind it, up to the last of `rows`, or to the end where there are no `more`. Null: from the beginning. */
  readonly after: RowPlace | null;
  readonly rows: readonly Held[];
  readonly more: boolean;
  /** What the whole snapshot covers. */
  readonly vector: Vector;
  /** In place of what is held here, but for what this run wrote. */
  readonly replaces: boolean;
}

export interface Merged {
  /** What is held from now on. */
  readonly vector: Vector;
  /** Rows that were no one's to make: their ids were not made and signed by the device named in them. */
  readonly foreign: number;
  /** Ops not merged since they are stamped more than 5 minutes ahead of the clock here. */
  readonly ahead: number;
}

/** Another tracker's data, as it was known. */
export interface KnownNode {
  readonly node: string;
  readonly number: number;
}

/** What replication needs of a store that keeps an op log. Whatever changes it is durable when it resolves. */
export interface ReplicatedStore extends DurableStore {
  /** Random id of this data, made once. */
  readonly node: string;
  /** Random id of this run's ops; another one after a write that failed. */
  readonly origin: string;
  vector(): Vector;
  /** How far this run's ops are on disk. */
  readonly writtenSeq: number;
  /** This run's own ops behind a number. */
  ownOpsAfter(seq: number): Iterable<LoggedOp>;
  /** Ops that a vector lacks, whole commits, about `mostBytes` of JSON; undefined where some of them are dropped. */
  opsAfter(
    vector: Vector,
    mostBytes: number,
  ): { readonly ops: readonly LoggedOp[]; readonly more: boolean } | undefined;
  /** Replicated rows and tombstones, in their order. */
  rowsAfter(after: RowPlace | null, mostBytes: number): { readonly rows: readonly KeptRow[]; readonly more: boolean };
  /** Merges whole commits, in the order of each origin. Rejects with `protocol` where one is missing or cut. */
  merge(ops: readonly Op[]): Promise<Merged>;
  mergeSnapshot(page: SnapshotPage): Promise<Merged>;
  /** Drops the ops that `upTo` covers, and the oldest beyond `mostOps`. */
  truncate(upTo: Vector, mostOps: number): Promise<void>;
  /** Drops what ended, or was made before `before` to be kept for a time only, where every tracker holds it: `upTo`, and its op is dropped. */
  collect(upTo: Vector, before: Hlc): Promise<void>;
  knownNodes(): readonly KnownNode[];
  /** Remembers these and forgets all others. */
  setKnownNodes(nodes: readonly KnownNode[]): Promise<void>;
}
