import { randomBytes } from 'node:crypto';
import { type Entity, type Hlc, replicated } from '../domain/entities.ts';
import type { Put, Row } from '../domain/rule.ts';
import { HybridClock } from './clock.ts';
import { type CommitOutcome, type DurableStore, type Expectation, sameStamp } from './durable-store.ts';

/** A store that forgets: for tests and simulations. Passes the same compliance suite as the durable ones. */
export class MemoryStore implements DurableStore {
  readonly #rows = new Map<Entity, Map<string, Row>>();
  readonly #listeners = new Set<(puts: readonly Put[]) => void>();
  readonly #origin = randomBytes(8).toString('hex');
  readonly #clock: HybridClock;
  #seq = 0;

  constructor(wallMs: () => number = Date.now) {
    this.#clock = new HybridClock(wallMs, 0);
  }

  async commit(puts: readonly Put[], expect: readonly Expectation[]): Promise<CommitOutcome> {
    const stale = expect.some(
      ({ entity, key, stamp }) => !sameStamp(this.#table(entity).get(key)?.stamp ?? null, stamp),
    );
    if (stale) return 'stale';
    const hlc = this.#clock.now();
    for (const { entity, key, value } of puts) {
      const stamp = replicated[entity] ? { hlc, origin: this.#origin, seq: ++this.#seq } : { hlc, origin: '', seq: 0 };
      if (value === null) this.#table(entity).delete(key);
      else this.#table(entity).set(key, { entity, key, value: structuredClone(value), stamp });
    }
    if (puts.length > 0) for (const listener of this.#listeners) listener(puts);
    return 'ok';
  }

  async get<E extends Entity>(entity: E, key: string): Promise<Row<E> | undefined> {
    return this.#table(entity).get(key) as Row<E> | undefined;
  }

  async scan<E extends Entity>(entity: E, prefix: string): Promise<readonly Row<E>[]> {
    return [...this.#table(entity).values()]
      .filter((row) => row.key.startsWith(prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))) as Row<E>[];
  }

  async count(entity: Entity, prefix: string): Promise<number> {
    return (await this.scan(entity, prefix)).length;
  }

  watch(listener: (puts: readonly Put[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  now(): Hlc {
    return this.#clock.now();
  }

  async health(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  #table(entity: Entity): Map<string, Row> {
    const table = this.#rows.get(entity);
    if (table) return table;
    const made = new Map<string, Row>();
    this.#rows.set(entity, made);
    return made;
  }
}
