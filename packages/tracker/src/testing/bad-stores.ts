import { type Entity, type Hlc, hlcAtMs, replicated } from '../domain/entities.ts';
import { join } from '../domain/join.ts';
import type { Put, Rule } from '../domain/rule.ts';
import { commitRows, writeOwn } from '../store/commit-rows.ts';
import type { CommitOutcome, Expectation } from '../store/durable-store.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { MemoryTables } from '../store/memory-tables.ts';
import { runExpecting } from '../store/runner.ts';
import type { MakeStore } from './replica-model.ts';

/** Stores with the mistakes that a prototype of replication made: the model checker has to find each. */

/** All goes through its commits, in which the mistakes are. */
class CommittingStore extends MemoryStore {
  override decide<R>(rule: (now: Hlc) => Rule<R>): Promise<R> {
    return runExpecting(this, rule);
  }
}

/** Goes on with the numbers on its disk, also where the disk was put back. */
class ReusedOrigin extends CommittingStore {
  readonly #tables: MemoryTables;
  readonly #own: string;
  readonly #wallMs: () => number;

  constructor(tables: MemoryTables, wallMs: () => number, number: number) {
    super(wallMs, tables);
    this.#tables = tables;
    this.#own = `000000000000000${number}`;
    this.#wallMs = wallMs;
  }

  override get origin(): string {
    return this.#own;
  }

  override async commit(puts: readonly Put[], expect: readonly Expectation[]): Promise<CommitOutcome> {
    const hlc = Math.max(this.now(), hlcAtMs(this.#wallMs()));
    return commitRows(this.#tables, { puts, expect, hlc, origin: this.#own }).outcome;
  }
}

/** Stamps with a clock of its own, and logs what loses against what it holds. */
class LoggedLoser extends CommittingStore {
  readonly #tables: MemoryTables;
  readonly #wallMs: () => number;
  #ticks = 0;

  constructor(tables: MemoryTables, wallMs: () => number) {
    super(wallMs, tables);
    this.#tables = tables;
    this.#wallMs = wallMs;
  }

  override async commit(puts: readonly Put[], expect: readonly Expectation[]): Promise<CommitOutcome> {
    const tables = this.#tables;
    const hlc = hlcAtMs(this.#wallMs()) + ++this.#ticks;
    if (commitRows(tables, { puts: [], expect, hlc, origin: this.origin }).outcome === 'stale') return 'stale';
    const state = tables.origins().get(this.origin) ?? { held: 0, floor: 0 };
    const logged = puts.filter(({ entity }) => replicated[entity]);
    const last = state.held + logged.length;
    for (const [index, put] of logged.entries()) {
      const seq = state.held + index + 1;
      tables.addOp({ origin: this.origin, seq, last, hlc, ...put });
      const row = { ...put, stamp: { hlc, origin: this.origin, seq } };
      const held = tables.held(put.entity, put.key);
      tables.write(held ? join(held, row) : row);
    }
    for (const put of puts) if (!replicated[put.entity]) writeOwn(tables, put, hlc);
    if (logged.length > 0) tables.setOrigin(this.origin, { ...state, held: last });
    return 'ok';
  }
}

/** Counts the writes to each row in place of a clock that all rows, and the others' ops, move on. */
class RowCounter extends CommittingStore {
  readonly #tables: MemoryTables;

  constructor(tables: MemoryTables, wallMs: () => number) {
    super(wallMs, tables);
    this.#tables = tables;
  }

  override async commit(puts: readonly Put[], expect: readonly Expectation[]): Promise<CommitOutcome> {
    const counts = puts.map(({ entity, key }) => this.#countOf(entity, key));
    const hlc = Math.max(0, ...counts) + 1;
    return commitRows(this.#tables, { puts, expect, hlc, origin: this.origin }).outcome;
  }

  #countOf(entity: Entity, key: string): number {
    return replicated[entity] ? (this.#tables.held(entity, key)?.stamp.hlc ?? 0) : 0;
  }
}

export const badStores: Readonly<Record<string, MakeStore>> = {
  'a sequence that is used again after a rollback': (tables, wallMs, number) =>
    new ReusedOrigin(tables, wallMs, number),
  'a losing local write that is logged': (tables, wallMs) => new LoggedLoser(tables, wallMs),
  'a counter of its own in place of a hybrid clock': (tables, wallMs) => new RowCounter(tables, wallMs),
};
