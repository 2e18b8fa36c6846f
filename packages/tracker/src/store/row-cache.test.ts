import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { end, type Put, put } from '../domain/rule.ts';
import { MemoryStore } from './memory-store.ts';
import { SqliteStore } from './sqlite-store.ts';

/** What is kept in memory beside the file, rows, scans and the newest ops, is never anything else than the file says. */

const folder = mkdtempSync(join(tmpdir(), 'peerage-row-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const KEYS = ['g/a/u', 'g/a/v', 'g/b/u', 'h/a/u', 'h'];
const PREFIXES = ['', 'g/', 'g/a/', 'h/', 'h'];
const step = fc.record({
  kind: fc.constantFrom('write', 'write', 'end', 'own', 'own', 'endOwn', 'fail', 'look', 'look'),
  key: fc.constantFrom(...KEYS),
  other: fc.constantFrom(...KEYS),
  value: fc.nat(3),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function putsOf({ kind, key, other, value }: Step): Put[] {
  if (kind === 'write') return [put('intent', key, { since: value }), put('intent', other, { since: value })];
  if (kind === 'own') return [put('device_session', key, { tokenHash: String(value) })];
  return [kind === 'end' ? end('intent', key) : end('device_session', key)];
}

async function seen(store: SqliteStore | MemoryStore): Promise<unknown> {
  const of = async (entity: 'intent' | 'device_session') => ({
    rows: KEYS.map((key) => store.get(entity, key)?.value),
    scans: PREFIXES.map((prefix) => store.scan(entity, prefix).map(({ key, value }) => [key, value])),
    counts: PREFIXES.map((prefix) => store.count(entity, prefix)),
  });
  return [await of('intent'), await of('device_session')];
}

const opsOf = (store: SqliteStore | MemoryStore, from: number) =>
  store.opsAfter({ [store.origin]: from }, 1_000_000)?.ops.map(({ seq, last, key, value }) => [seq, last, key, value]);

it('the rows, scans and ops that a store keeps at hand are those of its file, whatever was written, ended or taken back', async () => {
  const play = async (steps: readonly Step[]) => {
    const path = join(folder, `${files++}.db`);
    const [store, model] = [new SqliteStore(path), new MemoryStore()];
    const breaker = new DatabaseSync(path);
    breaker.exec("CREATE TRIGGER t BEFORE INSERT ON rows WHEN NEW.key = 'bad' BEGIN SELECT RAISE(ABORT, 'bad'); END");
    breaker.close();
    let failed = false;
    for (const one of steps) {
      if (one.kind === 'fail') {
        const puts = [put('intent', one.key, { since: 9 }), put('device_session', 'bad', { tokenHash: '' })];
        await expect(store.commit(puts, [])).rejects.toThrow('bad');
        failed = true;
      } else if (one.kind !== 'look') {
        const puts = putsOf(one);
        expect(await store.commit(puts, [])).toBe(await model.commit(puts, []));
      }
      expect(await seen(store)).toEqual(await seen(model));
      if (!failed) for (const from of [0, one.value, 5]) expect(opsOf(store, from)).toEqual(opsOf(model, from));
    }
    await store.close();
    const again = new SqliteStore(path);
    expect(await seen(again)).toEqual(await seen(model));
    await again.close();
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), play), { numRuns: 30 });
}, 60_000);
