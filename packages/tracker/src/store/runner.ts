import { PeerageError } from '@peerage/contract';
import type { Hlc } from '../domain/entities.ts';
import { withIndexRows } from '../domain/indexes.ts';
import type { Reading, Rule } from '../domain/rule.ts';
import type { DurableStore, Expectation } from './durable-store.ts';

/** Decides again after this many commits that others were faster than: more would be a livelock, which a single writer can't have. */
const MOST_TRIES = 100;

/** Runs a rule until what it decided is durable. Rejects with the rule's refusal, or with the store's. */
export const runRule = <R>(store: DurableStore, rule: (now: Hlc) => Rule<R>): Promise<R> =>
  store.decide ? store.decide(rule) : runExpecting(store, rule);

/** Decides from what a store gave, and again where that has changed until the commit. */
export async function runExpecting<R>(store: DurableStore, rule: (now: Hlc) => Rule<R>): Promise<R> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const expect: Expectation[] = [];
    const { puts, result } = await readFor(store, rule(store.now()), (expected) => expect.push(expected));
    if (puts.length === 0) return result;
    const outcome = await store.commit(withIndexRows(puts), expect);
    if (outcome === 'ok') return result;
    if (outcome === 'refused') throw decidedAlready();
  }
  throw new Error(`a rule was outrun by ${MOST_TRIES} commits`);
}

/** A row that is held would not become what a rule decided to write. */
export const decidedAlready = (): PeerageError =>
  new PeerageError('already_decided', 'the trackers know of a decision that goes before this one');

/**
 * Answers a reading's reads from the store, telling what was read, by which one knows later whether it is still true. A store that answers at once is not waited for: thousands of
 * readings a second would wait for nothing.
 */
export async function readFor<T>(
  store: DurableStore,
  reading: Reading<T>,
  onRead?: (expected: Expectation) => void,
): Promise<T> {
  let step = reading.next();
  while (!step.done) {
    const read = step.value;
    try {
      if (read.kind === 'get') {
        const got = store.get(read.entity, read.key);
        const row = got instanceof Promise ? await got : got;
        onRead?.({ entity: read.entity, key: read.key, stamp: row?.stamp ?? null });
        step = reading.next(row);
      } else if (read.kind === 'scan') {
        const got = store.scan(read.entity, read.prefix);
        const rows = got instanceof Promise ? await got : got;
        onRead?.({ entity: read.entity, prefix: read.prefix, scanned: rows });
        if (read.closed) onRead?.({ entity: read.entity, prefix: read.prefix, rows: rows.length });
        step = reading.next(rows);
      } else step = reading.next(await store.count(read.entity, read.prefix));
    } catch (error) {
      reading.return?.(undefined as T);
      throw error;
    }
  }
  return step.value;
}
