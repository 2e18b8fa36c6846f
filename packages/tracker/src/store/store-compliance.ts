import { expect, it } from 'vitest';
import { type Entities, hlcAtMs } from '../domain/entities.ts';
import { end, type Put, put, type Row } from '../domain/rule.ts';
import type { DurableStore } from './durable-store.ts';

const since = (text: string): Entities['intent'] => ({ since: Number(text) });
const keysOf = (rows: readonly Row[]): string[] => rows.map((row) => row.key);

/** What every store has to do (durable-store.ts). `open` makes an empty store whose wall clock shows `wallMs()`. */
export function storeCompliance(open: (wallMs: () => number) => DurableStore): void {
  const using =
    (work: (store: DurableStore) => Promise<void>, wallMs: () => number = Date.now) =>
    async () => {
      const store = open(wallMs);
      try {
        await work(store);
      } finally {
        await store.close();
      }
    };

  it(
    'reads what was committed, and nothing of what was ended',
    using(async (store) => {
      expect(await store.get('intent', 'a')).toBeUndefined();
      expect(await store.commit([put('intent', 'a', since('1')), put('intent', 'b', since('2'))], [])).toBe('ok');
      expect(await store.get('intent', 'a')).toMatchObject({ entity: 'intent', key: 'a', value: { since: 1 } });
      expect(await store.commit([end('intent', 'a'), put('intent', 'b', since('3'))], [])).toBe('ok');
      expect(await store.get('intent', 'a')).toBeUndefined();
      expect((await store.get('intent', 'b'))?.value).toEqual({ since: 3 });
      expect(keysOf(await store.scan('intent', ''))).toEqual(['b']);
      expect(await store.count('intent', '')).toBe(1);
    }),
  );

  it(
    'keeps entities apart and scans by prefix in the order of UTF-8 bytes',
    using(async (store) => {
      const keys = ['g/\u{1f600}', 'g/\uffff', 'g/Z', 'g/a', 'g/ä', 'g', 'g/', 'g0', 'f/a', 'g/a/b'];
      await store.commit(
        keys.map((key) => put('intent', key, since(key))),
        [],
      );
      await store.commit([put('group_name', 'g/x', { claimedAt: 1, settled: false })], []);
      expect(keysOf(await store.scan('intent', 'g/'))).toEqual([
        'g/',
        'g/Z',
        'g/a',
        'g/a/b',
        'g/ä',
        'g/\uffff',
        'g/\u{1f600}',
      ]);
      expect(await store.count('intent', 'g/')).toBe(7);
      expect(keysOf(await store.scan('intent', 'h'))).toEqual([]);
      expect(await store.count('intent', '')).toBe(keys.length);
    }),
  );

  it(
    'stamps replicated rows with one origin and rising numbers, its own rows without',
    using(async (store) => {
      await store.commit([put('intent', 'a', since('1')), put('intent', 'b', since('2'))], []);
      await store.commit([put('intent', 'c', since('3')), put('device_session', 'd', { tokenHash: 'x' })], []);
      const [a, b, c] = await store.scan('intent', '');
      expect(a!.stamp.origin).toMatch(/^[0-9a-f]{16}$/);
      expect([a, b, c].map((row) => [row!.stamp.origin, row!.stamp.seq])).toEqual(
        [1, 2, 3].map((seq) => [a!.stamp.origin, seq]),
      );
      expect(a!.stamp.hlc).toBe(b!.stamp.hlc);
      expect(c!.stamp.hlc).toBeGreaterThan(b!.stamp.hlc);
      expect((await store.get('device_session', 'd'))?.stamp).toEqual({ hlc: c!.stamp.hlc, origin: '', seq: 0 });
    }),
  );

  it.each(['intent', 'device_session'] as const)('writes all or nothing by what is expected of %s', (entity) =>
    using(async (store) => {
      const value = (text: string) => ({ since: Number(text), tokenHash: text });
      await store.commit([put(entity, 'a', value('1'))], []);
      const { stamp } = (await store.get(entity, 'a'))!;
      const write = (text: string, expected: Parameters<DurableStore['commit']>[1]) =>
        store.commit([put(entity, 'a', value(text)), put(entity, 'b', value(text))], expected);
      expect(await write('2', [{ entity, key: 'a', stamp: null }])).toBe('stale');
      expect(await write('2', [{ entity, key: 'z', stamp }])).toBe('stale');
      expect(await store.get(entity, 'b')).toBeUndefined();
      expect(
        await write('3', [
          { entity, key: 'a', stamp },
          { entity, key: 'b', stamp: null },
        ]),
      ).toBe('ok');
      expect(await write('4', [{ entity, key: 'a', stamp }])).toBe('stale');
      expect((await store.get(entity, 'a'))?.value).toEqual(value('3'));
      await store.commit([end(entity, 'a')], []);
      expect(await write('5', [{ entity, key: 'a', stamp: null }])).toBe('ok');
    })(),
  );

  it(
    'lets one of several commits of one moment win',
    using(async (store) => {
      const free = [{ entity: 'intent', key: 'a', stamp: null }] as const;
      const racing = Array.from({ length: 20 }, (_, n) => store.commit([put('intent', 'a', since(String(n)))], free));
      const outcomes = await Promise.all(racing);
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
      expect((await store.get('intent', 'a'))?.value).toEqual({ since: outcomes.indexOf('ok') });
    }),
  );

  it(
    'writes nothing where a row that a scan gave is another one by now, or none',
    using(async (store) => {
      await store.commit([put('intent', 'g/a', since('1')), put('intent', 'g/b', since('2'))], []);
      const scanned = await store.scan('intent', 'g/');
      const commit = (key: string) =>
        store.commit([put('intent', key, since('9'))], [{ entity: 'intent', prefix: 'g/', scanned }]);
      expect(await commit('h/free')).toBe('ok');
      expect(await commit('g/c')).toBe('ok'); // one more is no change of those
      expect(await commit('h/free')).toBe('ok');
      expect(await commit('g/b')).toBe('ok');
      expect(await commit('h/late')).toBe('stale');
      const again = await store.scan('intent', 'g/');
      await store.commit([end('intent', 'g/a')], []);
      const late = [put('intent', 'h/late', since('9'))];
      expect(await store.commit(late, [{ entity: 'intent', prefix: 'g/', scanned: again }])).toBe('stale');
      expect(await store.get('intent', 'h/late')).toBeUndefined();
    }),
  );

  it(
    'tells watchers of what was written, before it is acknowledged, until they stop',
    using(async (store) => {
      const told: (Put | string)[] = [];
      const unwatch = store.watch((puts) => told.push(...puts));
      const first = put('intent', 'a', since('1'));
      await store.commit([first], []).then(() => told.push('acknowledged'));
      await store.commit([put('intent', 'a', since('2'))], [{ entity: 'intent', key: 'a', stamp: null }]);
      await store.commit([], []);
      const last = end('intent', 'a');
      await store.commit([last], []);
      unwatch();
      await store.commit([first], []);
      expect(told).toEqual([first, 'acknowledged', last]);
    }),
  );

  it(
    'keeps values apart from what callers do to theirs',
    using(async (store) => {
      const mutable = { since: 1 };
      await store.commit([put('intent', 'a', mutable)], []);
      mutable.since = 2;
      expect((await store.get('intent', 'a'))?.value).toEqual({ since: 1 });
    }),
  );

  let wallMs = 1_700_000_000_000;
  it(
    'has a clock that never stands, never goes back, and follows the wall',
    using(
      async (store) => {
        const first = store.now();
        expect(first).toBeGreaterThanOrEqual(hlcAtMs(wallMs));
        const second = store.now();
        expect(second).toBeGreaterThan(first);
        wallMs -= 60_000;
        const third = store.now();
        expect(third).toBeGreaterThan(second);
        await store.commit([put('intent', 'a', since('1'))], []);
        expect((await store.get('intent', 'a'))!.stamp.hlc).toBeGreaterThan(third);
        wallMs += 120_000;
        expect(store.now()).toBeGreaterThanOrEqual(hlcAtMs(wallMs));
        expect(await store.health()).toBe(true);
      },
      () => wallMs,
    ),
  );
}
