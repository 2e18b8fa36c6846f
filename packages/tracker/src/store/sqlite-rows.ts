import type { DatabaseSync } from 'node:sqlite';
import type { Entity, Hlc } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import { CommandRows } from './command-rows.ts';
import { type EntityRows, type RawRow, rowsOf, toHeld } from './entity-rows.ts';
import { TextRow } from './kept-text.ts';
import type { RowPlace } from './replicated-store.ts';
import type { Statements } from './sqlite-statements.ts';
import type { KeptRow } from './tables.ts';

type AnyRow = RawRow & { readonly entity: Entity };

/** Behind every text that is a key or an entity. */
export const AFTER_ALL = '\u{10ffff}';

/** All rows of the file, each where it lies: commands in a table of their own (command-rows.ts), all others in one. Nobody else asks which. */
export class SqliteRows {
  readonly #statements: Statements;
  readonly #commands: CommandRows;
  readonly #entities = new Map<Entity, EntityRows>();

  constructor(db: DatabaseSync, statements: Statements) {
    this.#statements = statements;
    this.#commands = new CommandRows(db);
    this.#entities.set('command', this.#commands);
  }

  of(entity: Entity): EntityRows {
    let rows = this.#entities.get(entity);
    if (rows === undefined) {
      rows = rowsOf(entity, this.#statements);
      this.#entities.set(entity, rows);
    }
    return rows;
  }

  /** Rows of any kind but this tracker's own, tombstones among them, in the order of entity and key. */
  *after(place: RowPlace | null): IterableIterator<KeptRow> {
    const { entity, key } = place ?? { entity: '', key: '' };
    const { rowsAfter } = this.#statements;
    if (entity < 'command') yield* kept(rowsAfter.iterate(entity, key, 'command'));
    if (entity <= 'command') {
      const from = entity === 'command' ? `${key}\0` : ''; // the next text behind a text
      yield* kept(this.#commands.between(from, AFTER_ALL));
    }
    const [from, behind] = entity > 'command' ? [entity, key] : ['command', ''];
    yield* kept(rowsAfter.iterate(from, behind, AFTER_ALL));
  }

  ended(): Held[] {
    return (this.#statements.ended.all() as unknown as AnyRow[]).map((raw) => toHeld(raw.entity, raw));
  }

  agedBefore(before: Hlc): Held[] {
    return (this.#statements.aged.all(before) as unknown as AnyRow[]).map((raw) => toHeld(raw.entity, raw));
  }

  /** To be called at the end of a transaction. */
  endTransaction(): void {
    this.#commands.indexWhereMany();
  }

  /** To be called after a transaction that was taken back. */
  takenBack(): void {
    this.#commands.read();
  }
}

function* kept(raws: Iterable<unknown>): IterableIterator<KeptRow> {
  for (const raw of raws as Iterable<AnyRow>) yield new TextRow(raw, raw.value);
}
