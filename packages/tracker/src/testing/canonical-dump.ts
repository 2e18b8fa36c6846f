import { type Entity, replicated } from '../domain/entities.ts';
import type { DurableStore } from '../store/durable-store.ts';

/** Everything that a store holds, alike for alike content: what must not change when nothing should. */
export async function canonicalDump(store: DurableStore): Promise<string> {
  const rows = (Object.keys(replicated) as Entity[]).toSorted().map((entity) => store.scan(entity, ''));
  return (await Promise.all(rows))
    .flat()
    .map(({ entity, key, value }) => `${entity} ${key} ${JSON.stringify(sorted(value))}\n`)
    .join('');
}

/** Fields in one order, whoever wrote them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, sorted(item)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
