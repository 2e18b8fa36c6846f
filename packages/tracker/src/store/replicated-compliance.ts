import { expect, it } from 'vitest';
import { type Hlc, hlcAtMs } from '../domain/entities.ts';
import { indexRows } from '../domain/indexes.ts';
import { end, type Put, put } from '../domain/rule.ts';
import type { Op } from '../replication/op.ts';
import type { ReplicatedStore, RowPlace } from './replicated-store.ts';

const NOW_MS = 1_700_000_000_000;
const intent = (key: string, since: number): Put => put('intent', `g/c/u/${key}`, { since });
const content = put('content', 'g/c', { name: 'n', sizeBytes: 1, pieces: 1, sha1: '', by: 'u', addedAt: 1 });

const applied = {
  state: 'member',
  application: 1,
  applicationId: 'a',
  since: 1,
  decidedBy: null,
  refusals: 0,
} as const;

/** As the runner writes: with the rows that follow. */
const write = (store: ReplicatedStore, puts: readonly Put[]) => store.commit([...puts, ...puts.flatMap(indexRows)], []);

async function rowsOf(store: ReplicatedStore): Promise<unknown[]> {
  const entities = ['intent', 'intent_of_device', 'content', 'file_name', 'application', 'membership'] as const;
  const rows = await Promise.all(entities.map((entity) => store.scan(entity, '')));
  return rows.flat().map(({ entity, key, value }) => [entity, key, value]);
}

async function pull(to: ReplicatedStore, from: ReplicatedStore, mostBytes = 1_000_000): Promise<void> {
  const read = from.opsAfter(to.vector(), mostBytes);
  if (read) await to.merge(read.ops);
  else await snapshot(to, from, { mostBytes, replaces: false });
}

async function snapshot(
  to: ReplicatedStore,
  from: ReplicatedStore,
  { mostBytes = 1, replaces = false },
): Promise<number> {
  const vector = from.vector();
  let after: RowPlace | null = null;
  for (let pages = 1; ; pages++) {
    const page: ReturnType<ReplicatedStore['rowsAfter']> = from.rowsAfter(after, mostBytes);
    await to.mergeSnapshot({ after, ...page, vector, replaces });
    if (!page.more) return pages;
    after = page.rows.at(-1)!;
  }
}

/** What every store that keeps an op log has to do (replicated-store.ts). `open` makes an empty one whose wall clock shows `wallMs()`. */
export function replicatedCompliance(open: (wallMs: () => number) => ReplicatedStore): void {
  const using = (work: (a: ReplicatedStore, b: ReplicatedStore, c: ReplicatedStore) => Promise<void>) => async () => {
    const stores = [open(() => NOW_MS), open(() => NOW_MS), open(() => NOW_MS)] as const;
    try {
      await work(...stores);
    } finally {
      for (const store of stores) await store.close();
    }
  };
  const forAll = (store: ReplicatedStore, before: Hlc = 0) =>
    store.truncate(store.vector(), 1_000).then(() => store.collect(store.vector(), before));

  it(
    'merges what another one wrote, once, whole commits, by whatever way, with what follows from it',
    using(async (a, b, c) => {
      await write(a, [content, intent('d', 1)]);
      await write(a, [end('intent', 'g/c/u/d'), intent('e', 2)]);
      const told: Put[] = [];
      c.watch((puts) => told.push(...puts));
      await pull(b, a, 1);
      expect((await b.scan('intent', '')).map((row) => row.key)).toEqual(['g/c/u/d']);
      expect((await b.scan('intent_of_device', '')).map((row) => row.key)).toEqual(['u/d/g/c']);
      await pull(b, a);
      await pull(c, b);
      await c.merge(a.opsAfter({}, 1_000_000)!.ops);
      expect(await rowsOf(c)).toEqual(await rowsOf(b));
      expect((await c.scan('file_name', '')).map((row) => row.key)).toEqual(['g/n/c']);
      expect(c.vector()).toEqual(a.vector());
      expect(told.filter(({ entity }) => entity === 'content')).toHaveLength(1);
      expect(c.now()).toBeGreaterThan((await a.get('intent', 'g/c/u/e'))!.stamp.hlc);
    }),
  );

  it(
    'refuses a gap and half a commit, and keeps what it has',
    using(async (a, b) => {
      for (const since of [1, 2]) await write(a, [intent('d', since), intent('e', since)]);
      const ops = a.opsAfter({}, 1_000_000)!.ops as Op[];
      for (const wrong of [ops.slice(2), ops.slice(0, 1), ops.slice(0, 3), [ops[0]!, ops[2]!, ops[3]!]]) {
        await expect(b.merge(wrong)).rejects.toMatchObject({ code: 'protocol' });
      }
      expect(b.vector()).toEqual({});
      await b.merge(ops);
      expect(b.vector()).toEqual(a.vector());
    }),
  );

  it(
    'takes nothing that is stamped more than 5 minutes ahead, nor what follows it',
    using(async (a, b) => {
      await write(a, [intent('d', 1)]);
      const [op] = a.opsAfter({}, 1_000_000)!.ops as [Op];
      const late = { ...op, seq: 2, last: 2, hlc: hlcAtMs(NOW_MS + 301_000) };
      const merged = await b.merge([op, late, { ...op, seq: 3, last: 3 }]);
      expect(merged).toMatchObject({ ahead: 2, vector: { [op.origin]: 1 } });
    }),
  );

  it(
    'refuses a local write that loses against what it holds, and logs nothing of it',
    using(async (a) => {
      const credential = (hash: string, changedAt: number) => put('credential', 'u', { hash, epoch: '', changedAt });
      await write(a, [credential('new', 5)]);
      expect(await write(a, [intent('d', 1), credential('old', 0)])).toBe('refused');
      expect(await a.count('intent', '')).toBe(0);
      expect(a.opsAfter({}, 1_000)!.ops).toHaveLength(1);
    }),
  );

  it(
    'gives a snapshot in pages to who is behind what it dropped; what was collected goes there too, and nothing else',
    using(async (a, b, c) => {
      for (const key of ['d', 'e', 'f']) await write(a, [intent(key, 1)]);
      await pull(b, a);
      await write(b, [intent('mine', 1)]);
      await write(a, [end('intent', 'g/c/u/d')]);
      await forAll(a);
      expect(a.opsAfter(b.vector(), 1_000)).toBeUndefined();
      expect(await snapshot(b, a, {})).toBeGreaterThan(1);
      expect((await b.scan('intent', '')).map((row) => row.key)).toEqual(['g/c/u/e', 'g/c/u/f', 'g/c/u/mine']);
      expect((await b.scan('intent_of_device', '')).map((row) => row.key)).toEqual([
        'u/e/g/c',
        'u/f/g/c',
        'u/mine/g/c',
      ]);
      expect(b.vector()).toMatchObject(a.vector());
      await pull(a, b);
      expect(await rowsOf(a)).toEqual(await rowsOf(b));
      await pull(c, a);
      expect(await rowsOf(c)).toEqual(await rowsOf(a));
    }),
  );

  it(
    'gives its rows in their order, wherever a page ends, commands among them, and takes them so',
    using(async (a, b) => {
      const command = (key: string) => put('command', key, { route: 'r', bodyHash: '', result: {}, at: 1 });
      await write(a, [intent('d', 1), command('u/b'), content, command('u/c'), put('revocation', 'x', { at: 1 })]);
      await write(a, [command('u/a'), put('application', 'g/u/a', { ...applied, since: 2 }), intent('e', 1)]);
      const order = ['application g/u/a', 'command u/a', 'command u/b', 'command u/c', 'content g/c'];
      order.push('intent g/c/u/d', 'intent g/c/u/e', 'revocation x');
      const placesOf = (store: ReplicatedStore, after: RowPlace | null) =>
        store.rowsAfter(after, 1_000_000).rows.map(({ entity, key }) => `${entity} ${key}`);
      expect(placesOf(a, null)).toEqual(order);
      for (const [index, { entity, key }] of a.rowsAfter(null, 1_000_000).rows.entries()) {
        expect(placesOf(a, { entity, key })).toEqual(order.slice(index + 1));
      }
      expect(await snapshot(b, a, {})).toBe(order.length);
      expect(placesOf(b, null)).toEqual(order);
      expect(b.scan('command', 'u/')).toEqual(a.scan('command', 'u/'));
      expect(b.count('command', 'u/')).toBe(3);
    }),
  );

  it(
    'lets a snapshot take the place of what it held before this run',
    using(async (a, b, c) => {
      await write(c, [intent('stale', 1), intent('e', 9)]);
      await pull(b, c); // as if b had written these in an earlier run
      await write(b, [intent('fresh', 1)]);
      await write(a, [intent('e', 1)]);
      await snapshot(b, a, { replaces: true });
      expect((await b.scan('intent', '')).map(({ key, value }) => [key, value.since])).toEqual([
        ['g/c/u/e', 1],
        ['g/c/u/fresh', 1],
      ]);
      expect(Object.keys(b.vector()).toSorted()).toEqual([a.origin, b.origin].toSorted());
    }),
  );

  it(
    'collects tombstones, their contents, and old commands and revocations; of nothing that is in its log',
    using(async (a) => {
      await write(a, [content, intent('d', 1), put('revocation', 'device/x', { at: 1 })]);
      await write(a, [put('command', 'u/a', { route: 'r', bodyHash: '', result: {}, at: 1 })]);
      await write(a, [end('intent', 'g/c/u/d'), intent('e', 1)]);
      await a.collect(a.vector(), Number.MAX_SAFE_INTEGER);
      expect(a.rowsAfter(null, 1_000_000).rows).toHaveLength(5);
      await forAll(a, 0);
      expect(a.rowsAfter(null, 1_000_000).rows.map((row) => row.entity)).toEqual([
        'command',
        'content',
        'intent',
        'revocation',
      ]);
      await write(a, [end('intent', 'g/c/u/e')]);
      await forAll(a, Number.MAX_SAFE_INTEGER);
      expect(a.rowsAfter(null, 1_000_000).rows).toEqual([]);
      expect(await a.count('file_name', '')).toBe(0);
    }),
  );

  it(
    'drops the oldest ops beyond a number, at the ends of commits',
    using(async (a, b) => {
      for (const since of [1, 2, 3, 4]) await write(a, [intent('d', since), intent('e', since)]);
      await a.truncate({}, 3);
      expect(a.opsAfter({ [a.origin]: 4 }, 1_000)!.ops.map((op) => op.seq)).toEqual([5, 6, 7, 8]);
      expect(a.opsAfter({ [a.origin]: 2 }, 1_000)).toBeUndefined();
      await pull(b, a);
      expect(await rowsOf(b)).toEqual(await rowsOf(a));
    }),
  );

  it(
    'remembers who it knows, and who it is',
    using(async (a, b) => {
      expect(a.node).toMatch(/^[0-9a-f]{16}$/);
      expect(a.node).not.toBe(b.node);
      await a.setKnownNodes([{ node: 'x', number: 2 }]);
      await a.setKnownNodes([{ node: 'y', number: 0 }]);
      expect(a.knownNodes()).toEqual([{ node: 'y', number: 0 }]);
    }),
  );
}
