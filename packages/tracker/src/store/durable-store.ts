import type { Entity, Hlc } from '../domain/entities.ts';
import type { Put, Row, Rule, Stamp } from '../domain/rule.ts';

/** What a commit depends on: a row with its `stamp` as it was read, null where there was no row; rows that a scan gave, as they were; or how many rows there are below a prefix. */
export type Expectation =
  | { readonly entity: Entity; readonly key: string; readonly stamp: Stamp | null }
  | { readonly entity: Entity; readonly prefix: string; readonly scanned: readonly Row[] }
  | { readonly entity: Entity; readonly prefix: string; readonly rows: number };

/** A store in the same thread answers at once; one that is reached over a network when it has heard. */
export type Awaitable<T> = T | Promise<T>;

/** `refused`: the row that is held would not become what was to be written (domain/join.ts). */
export type CommitOutcome = 'ok' | 'stale' | 'refused';

/**
 * Where a tracker's rows live. A commit is all or nothing: `ok` means durable, with every expectation true at that moment; `stale` and `refused` mean that
 * nothing was written. A store that does not wait for its disk (sqlite-store.ts) counts its commits, for whoever does (log-sync.ts). Rows that a commit ends are gone for readers at once. What every store has to do is held in store-compliance.ts.
 */
export interface DurableStore {
  commit(puts: readonly Put[], expect: readonly Expectation[]): Promise<CommitOutcome>;
  /**
   * Only of a store in the same thread: decides at the moment of writing, so that nothing can change in between and nothing is expected. Resolves to the rule's result when what it
   * decided is durable; rejects with what the rule throws, or with `refused`'s words.
   */
  decide?<R>(rule: (now: Hlc) => Rule<R>): Promise<R>;
  get<E extends Entity>(entity: E, key: string): Awaitable<Row<E> | undefined>;
  /** Rows whose key begins with `prefix`, ordered by the key's UTF-8 bytes. */
  scan<E extends Entity>(entity: E, prefix: string): Awaitable<readonly Row<E>[]>;
  count(entity: Entity, prefix: string): Awaitable<number>;
  /** Tells every commit, and what merging changed, after it is durable and before it is acknowledged. Returns what ends the watch. */
  watch(listener: (puts: readonly Put[]) => void): () => void;
  /** Later than everything that was stamped before, and never behind the wall clock. */
  now(): Hlc;
  /** Whether the store can write at this moment. */
  health(): Promise<boolean>;
  close(): Promise<void>;
}

export const sameStamp = (a: Stamp | null, b: Stamp | null): boolean =>
  a === null || b === null ? a === b : a.hlc === b.hlc && a.origin === b.origin && a.seq === b.seq;
