import type { Entity } from '../domain/entities.ts';
import { hlcAtMs, hlcTimeMs } from '../domain/entities.ts';
import type { ReplicationLog, Written } from '../replication/replication-log.ts';
import { answerCarrying, CARRIED_BYTES, encodeRows, parseOps, parseRows, textOfOps } from '../replication/wire.ts';
import { ReadAhead } from './read-ahead.ts';
import type { ReplicatedStore, RowPlace } from './replicated-store.ts';

/**
 * The replication log of a store in the same thread. `written` tells what this run has written, where somebody follows with the ops that were not told before; `end` has to be called before the store is
 * closed.
 */
export function storeLog(
  store: ReplicatedStore,
  wallMs: () => number,
): { readonly log: ReplicationLog; readonly written: () => Written; readonly end: () => void } {
  const ahead = new ReadAhead(store);
  /** How far it was told with its ops; undefined where nobody follows. */
  let told: Written | undefined;
  const written = (): Written => {
    const { origin, writtenSeq: seq } = store;
    if (!told || (told.origin === origin && told.seq === seq)) return { origin, seq };
    const after = told.origin === origin ? told.seq : 0;
    told = { origin, seq };
    return { origin, seq, carried: { after, text: textOfOps([...store.ownOpsAfter(after)]) } };
  };
  const self = () => ({ node: store.node, origin: store.origin, vector: store.vector() });
  const placeOf = (place: { entity: string; key: string } | null): RowPlace | null =>
    place && { entity: place.entity as Entity, key: place.key };
  const log: ReplicationLog = {
    begin: async () => ({ ...self(), nodes: store.knownNodes() }),
    async answer(vector, replaces) {
      const ops = replaces ? undefined : ahead.opsAfter(vector);
      const answer = ops === undefined ? 'snapshot' : 'ops';
      return answerCarrying({ ...self(), answer, replaces, nowMs: wallMs() }, ops ?? '');
    },
    rows: async (after) => encodeRows(store.rowsAfter(placeOf(after), CARRIED_BYTES)),
    merge: async (carried) => store.merge(parseOps(carried)),
    async mergePage(carried, { after, vector, replaces }) {
      const { rows, more } = parseRows(carried);
      const merged = await store.mergeSnapshot({ after: placeOf(after), rows, more, vector, replaces });
      const last = rows.at(-1);
      return { ...merged, next: more && last ? { entity: last.entity, key: last.key } : null };
    },
    truncate(upTo, mostOps) {
      ahead.forget();
      return store.truncate(upTo, mostOps);
    },
    collect: (upTo, keepMs) => store.collect(upTo, hlcAtMs(hlcTimeMs(store.now()) - keepMs)),
    async follow(isFollowed) {
      told = isFollowed ? { origin: store.origin, seq: store.writtenSeq } : undefined;
    },
    remember: (nodes) => store.setKnownNodes(nodes),
  };
  return { log, written, end: () => ahead.forget() };
}
