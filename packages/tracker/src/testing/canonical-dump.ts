import { type Entity, replicated } from '../domain/entities.ts';
import type { DurableStore } from '../store/durable-store.ts';

/** Everything that a store holds, alike for alike content: what must not change when nothing should. */
export async function canonicalDump(store: DurableStore): Promise<string> {
  const rows = (Object.keys(replicated) as Entity[]).toSorted().map((entity) => store.scan(entity, ''));
  return (await Promise.all(rows))
    .flat()
    .map(({ entity, key, value }) => `${entity} ${key} ${JSON.stringify(value)}\n`)
    .join('');
}
