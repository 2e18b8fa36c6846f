import type { Entity } from '../domain/entities.ts';

/** How many rows of an entity there are, counted once and followed from then on, so that whoever reads the metrics stops no commands. Whoever takes a transaction back clears it. */
export class RowTotals {
  readonly #totals = new Map<Entity, number>();

  of(entity: Entity, count: () => number): number {
    let total = this.#totals.get(entity);
    if (total === undefined) {
      total = count();
      this.#totals.set(entity, total);
    }
    return total;
  }

  /** Whether it has to be told what becomes of this entity's rows. */
  follows(entity: Entity): boolean {
    return this.#totals.has(entity);
  }

  changed(entity: Entity, wasThere: boolean, isThere: boolean): void {
    const total = this.#totals.get(entity);
    if (total !== undefined) this.#totals.set(entity, total + Number(isThere) - Number(wasThere));
  }

  clear(): void {
    this.#totals.clear();
  }
}
