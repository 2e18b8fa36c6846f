import type { Entity } from '../domain/entities.ts';
import { hlcAtMs, hlcTimeMs } from '../domain/entities.ts';
import type { ReplicationLog } from '../replication/replication-log.ts';
import { CARRIED_BYTES, encodeAnswer, encodeRows, parseOps, parseRows } from '../replication/wire.ts';
import type { ReplicatedStore, RowPlace } from './replicated-store.ts';

/** The replication log of a store in the same thread. */
export function storeLog(store: ReplicatedStore, wallMs: () => number): ReplicationLog {
  const told = () => ({ node: store.node, origin: store.origin, vector: store.vector() });
  const placeOf = (place: { entity: string; key: string } | null): RowPlace | null =>
    place && { entity: place.entity as Entity, key: place.key };
  return {
    begin: async () => ({ ...told(), nodes: store.knownNodes() }),
    async answer(vector, replaces) {
      const read = replaces ? undefined : store.opsAfter(vector, CARRIED_BYTES);
      return encodeAnswer({ ...told(), answer: read ? 'ops' : 'snapshot', replaces, nowMs: wallMs() }, read?.ops ?? []);
    },
    rows: async (after) => encodeRows(store.rowsAfter(placeOf(after), CARRIED_BYTES)),
    merge: async (carried) => store.merge(parseOps(carried)),
    async mergePage(carried, { after, vector, replaces }) {
      const { rows, more } = parseRows(carried);
      const merged = await store.mergeSnapshot({ after: placeOf(after), rows, more, vector, replaces });
      const last = rows.at(-1);
      return { ...merged, next: more && last ? { entity: last.entity, key: last.key } : null };
    },
    truncate: (upTo, mostOps) => store.truncate(upTo, mostOps),
    collect: (upTo, keepMs) => store.collect(upTo, hlcAtMs(hlcTimeMs(store.now()) - keepMs)),
    remember: (nodes) => store.setKnownNodes(nodes),
  };
}
