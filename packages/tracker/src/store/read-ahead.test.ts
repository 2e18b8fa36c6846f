import { expect, test } from 'vitest';
import { put } from '../domain/rule.ts';
import { replicationLimits } from '../limits.ts';
import { MemoryStore } from './memory-store.ts';
import { ReadAhead } from './read-ahead.ts';

const PAGES = 4;
const OPS_PER_PAGE = 8;

/** Each op is an eighth of a page. */
async function filled(): Promise<MemoryStore> {
  const store = new MemoryStore();
  const hex = 'a'.repeat(replicationLimits.carriedBytes / OPS_PER_PAGE);
  for (let row = 0; row < PAGES * OPS_PER_PAGE; row++)
    await store.commit([put('group_label', `${row}`, { key: hex })], []);
  return store;
}

const lastSeq = (text: string): number => (JSON.parse(`[${text}]`) as [string, number][]).at(-1)![1];
const idle = () => new Promise((resolve) => setImmediate(resolve));

test('pages follow on each other, whoever asks and whatever was read ahead', async () => {
  const store = await filled();
  const ahead = new ReadAhead(store);
  const take = (seq: number) => lastSeq(ahead.opsAfter({ [store.origin]: seq })!);
  const first = take(0);
  await idle();
  expect(take(0)).toBe(first); // another tracker, which begins too
  await idle();
  const second = take(first);
  expect(second).toBeGreaterThan(first);
  const before = store.origin;
  await idle();
  await store.commit([put('group_label', 'meanwhile', { key: 'b' })], []);
  let seq = second;
  while (seq < store.writtenSeq) {
    const next = take(seq);
    expect(next).toBeGreaterThan(seq);
    seq = next;
    await idle();
  }
  expect(store.origin).toBe(before);
  expect(ahead.opsAfter({ [store.origin]: seq })).toBe('');
  await store.close();
});

test('what is dropped from the log is not given from what was read ahead', async () => {
  const store = await filled();
  const ahead = new ReadAhead(store);
  const first = lastSeq(ahead.opsAfter({})!);
  await idle();
  ahead.forget();
  await store.truncate({ [store.origin]: store.writtenSeq }, 0);
  expect(ahead.opsAfter({ [store.origin]: first })).toBeUndefined();
  await store.close();
});
