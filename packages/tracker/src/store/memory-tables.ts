import { randomBytes } from 'node:crypto';
import type { Entity, Hlc } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import type { Row } from '../domain/rule.ts';
import type { Op } from '../replication/op.ts';
import type { KnownNode, RowPlace } from './replicated-store.ts';
import { comparePlaces, type KeptRow, type LoggedOp, type OriginState, type Tables } from './tables.ts';

/** Tables that forget: for tests and simulations. A copy of them is a backup. */
export class MemoryTables implements Tables {
  readonly node: string;
  readonly #rows = new Map<Entity, Map<string, Held>>();
  readonly #origins = new Map<string, OriginState>();
  readonly #ops = new Map<string, Op[]>();
  #nodes: readonly KnownNode[] = [];
  #latestHlc = 0;

  constructor(node = randomBytes(8).toString('hex')) {
    this.node = node;
  }

  /** The same content, from now on apart. */
  copy(): MemoryTables {
    const copy = new MemoryTables(this.node);
    for (const [entity, rows] of this.#rows) copy.#rows.set(entity, new Map(rows));
    for (const [origin, state] of this.#origins) copy.#origins.set(origin, state);
    for (const [origin, ops] of this.#ops) copy.#ops.set(origin, [...ops]);
    copy.#nodes = this.#nodes;
    copy.#latestHlc = this.#latestHlc;
    return copy;
  }

  transaction(work: () => void): void {
    work();
  }

  held(entity: Entity, key: string): Held | undefined {
    return this.#rows.get(entity)?.get(key);
  }

  scan<E extends Entity>(entity: E, prefix: string): Row<E>[] {
    const rows: Row<E>[] = [];
    for (const held of this.#rows.get(entity)?.values() ?? []) {
      if (held.value !== null && held.key.startsWith(prefix)) rows.push(held as Row<E>);
    }
    return rows.length > 1 ? rows.sort(comparePlaces) : rows;
  }

  count(entity: Entity, prefix: string): number {
    return this.scan(entity, prefix).length;
  }

  gives(): boolean {
    return false;
  }

  insert(row: Held): boolean {
    if (this.held(row.entity, row.key)) return false;
    this.write(row);
    return true;
  }

  write(row: Held): void {
    const { hlc } = row.stamp;
    this.#latestHlc = Math.max(this.#latestHlc, hlc);
    const rows = this.#rows.get(row.entity) ?? new Map<string, Held>();
    this.#rows.set(row.entity, rows.set(row.key, structuredClone(row)));
  }

  drop(entity: Entity, key: string): void {
    this.#rows.get(entity)?.delete(key);
  }

  *heldAfter(after: RowPlace | null): IterableIterator<KeptRow> {
    const all = [...this.#rows.values()].flatMap((rows) => [...rows.values()]);
    for (const row of all.sort(comparePlaces)) {
      if (row.stamp.origin !== '' && (after === null || comparePlaces(row, after) > 0)) yield row;
    }
  }

  ended(): Held[] {
    return [...(this.#rows.get('intent')?.values() ?? [])].filter((row) => row.value === null);
  }

  agedBefore(before: Hlc): Held[] {
    return (['command', 'revocation'] as const)
      .flatMap((entity) => [...(this.#rows.get(entity)?.values() ?? [])])
      .filter((row) => row.stamp.hlc < before);
  }

  origins(): Map<string, OriginState> {
    return this.#origins;
  }

  setOrigin(origin: string, state: OriginState): void {
    this.#origins.set(origin, state);
  }

  dropOrigin(origin: string): void {
    this.#origins.delete(origin);
    this.#ops.delete(origin);
  }

  addOp(op: Op): void {
    this.#latestHlc = Math.max(this.#latestHlc, op.hlc);
    const ops = this.#ops.get(op.origin);
    if (ops) ops.push(structuredClone(op));
    else this.#ops.set(op.origin, [structuredClone(op)]);
  }

  *opsAfter(origin: string, seq: number): IterableIterator<LoggedOp> {
    for (const op of this.#ops.get(origin) ?? []) if (op.seq > seq) yield op;
  }

  dropOps(origin: string, upTo: number): void {
    const kept = (this.#ops.get(origin) ?? []).filter((op) => op.seq > upTo);
    this.#ops.set(origin, kept);
  }

  opCount(): number {
    return [...this.#ops.values()].reduce((sum, ops) => sum + ops.length, 0);
  }

  oldestOps(count: number): Map<string, number> {
    const oldest = [...this.#ops.values()].flat().sort((a, b) => a.hlc - b.hlc);
    const upTo = new Map<string, number>();
    for (const op of oldest.slice(0, count)) if (op.seq === op.last) upTo.set(op.origin, op.seq);
    return upTo;
  }

  knownNodes(): KnownNode[] {
    return [...this.#nodes];
  }

  setKnownNodes(nodes: readonly KnownNode[]): void {
    this.#nodes = nodes;
  }

  latestHlc(): Hlc {
    return this.#latestHlc;
  }

  probe(): void {}

  close(): void {}
}
