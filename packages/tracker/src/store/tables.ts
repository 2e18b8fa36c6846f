import type { Entity, Hlc } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import type { Row } from '../domain/rule.ts';
import type { Op } from '../replication/op.ts';
import type { KnownNode, RowPlace } from './replicated-store.ts';

const compareBytes = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** The order of rows: by entity, then key, by their UTF-8 bytes. */
export const comparePlaces = (a: RowPlace, b: RowPlace): number =>
  compareBytes(a.entity, b.entity) || compareBytes(a.key, b.key);

/** What was kept as text has it at hand: it goes to other trackers as it is, and is parsed only where somebody asks for the value. */
interface Kept {
  readonly text?: string | null;
}
export type LoggedOp = Op & Kept;
export type KeptRow = Held & Kept;

/** The value's text. */
export function textOf(kept: LoggedOp | KeptRow): string | null {
  if (kept.text !== undefined) return kept.text; // the value is not touched: asking for it parses it
  return kept.value === null ? null : JSON.stringify(kept.value);
}

/** What is held of one origin: its ops up to `held`; those up to `floor` are dropped from the log. */
export interface OriginState {
  readonly held: number;
  readonly floor: number;
}

/** The synchronous tables below a log store (log-store.ts). Writes happen within {@link transaction} only. */
export interface Tables {
  readonly node: string;
  /** All or nothing, on disk when it returns or before anybody is told of it (sqlite-tables.ts); throws what `work` or the disk throws. */
  transaction(work: () => void): void;

  held(entity: Entity, key: string): Held | undefined;
  scan<E extends Entity>(entity: E, prefix: string): readonly Row<E>[];
  count(entity: Entity, prefix: string): number;
  /** Whether it is known without looking that a scan would give these very rows again. */
  gives(entity: Entity, prefix: string, rows: readonly Row[]): boolean;
  /** Writes a row where none of its key is held, which saves looking first; whether none was. */
  insert(row: Held): boolean;
  write(row: Held): void;
  drop(entity: Entity, key: string): void;
  /** Rows of any kind but this tracker's own, in the order of entity and key. */
  heldAfter(after: RowPlace | null): IterableIterator<KeptRow>;
  ended(): Held[];
  /** Rows of `command` and `revocation` that were stamped before. */
  agedBefore(before: Hlc): Held[];

  origins(): Map<string, OriginState>;
  setOrigin(origin: string, state: OriginState): void;
  dropOrigin(origin: string): void;

  addOp(op: Op): void;
  opsAfter(origin: string, seq: number): Iterable<LoggedOp>;
  dropOps(origin: string, upTo: number): void;
  opCount(): number;
  /** Of each origin the last whole commit within the oldest `count` ops. */
  oldestOps(count: number): Map<string, number>;

  knownNodes(): KnownNode[];
  setKnownNodes(nodes: readonly KnownNode[]): void;

  latestHlc(): Hlc;
  /** Writes something, to see whether it works. */
  probe(): void;
  close(): void;
}
