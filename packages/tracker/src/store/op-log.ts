import type { DatabaseSync } from 'node:sqlite';
import type { Entity, Hlc } from '../domain/entities.ts';
import type { Op } from '../replication/op.ts';
import { KeptOp } from './kept-text.ts';
import { prepared } from './sqlite-statements.ts';

export const OP_PIECES = `
  CREATE TABLE IF NOT EXISTS op_pieces (
    origin TEXT NOT NULL, last_seq INTEGER NOT NULL, first_seq INTEGER NOT NULL, first_hlc INTEGER NOT NULL, latest_hlc INTEGER NOT NULL,
    places TEXT NOT NULL, op_values TEXT NOT NULL,
    PRIMARY KEY (origin, last_seq)
  ) STRICT, WITHOUT ROWID;
`;

/** A piece ends with a commit, as soon as its values are so many characters. */
const PIECE_CHARS = 64 * 1024;

const SQL = {
  add: 'INSERT INTO op_pieces (origin, last_seq, first_seq, first_hlc, latest_hlc, places, op_values) VALUES (?, ?, ?, ?, ?, ?, ?)',
  after: 'SELECT first_seq, places, op_values FROM op_pieces WHERE origin = ? AND last_seq > ? ORDER BY last_seq',
  drop: 'DELETE FROM op_pieces WHERE origin = ? AND last_seq <= ?',
  oldest: 'SELECT origin, first_seq, last_seq FROM op_pieces ORDER BY first_hlc',
} as const;

/** Of each op of a piece: its entity, key, time, the last number of its commit, and how long its value's text is; -1 for none. */
type Place = readonly [entity: Entity, key: string, hlc: Hlc, last: number, chars: number];

interface RawPiece {
  readonly first_seq: number;
  readonly places: string;
  readonly op_values: string;
}

/**
 * The op log in pieces, each some whole commits of one origin one after the other: a row for each op would be a third of the rows that a write writes. Always true: what a transaction adds is in the table when it ends;
 * of a piece whose first ops are dropped the others are still there.
 */
export class OpLog {
  readonly #statements: ReturnType<typeof prepared<keyof typeof SQL>>;
  /** Added by the open transaction, and in no piece yet. */
  #open: { readonly op: Op; readonly text: string | null }[] = [];
  #openChars = 0;

  constructor(db: DatabaseSync) {
    this.#statements = prepared(db, SQL);
  }

  /** `text`: of the op's value. */
  add(op: Op, text: string | null): void {
    const before = this.#open.at(-1)?.op;
    if (before && (before.origin !== op.origin || before.seq + 1 !== op.seq)) this.endPiece();
    this.#open.push({ op, text });
    this.#openChars += text?.length ?? 0;
    if (this.#openChars >= PIECE_CHARS && op.seq === op.last) this.endPiece();
  }

  /** Writes what was added: to be called at the end of a transaction. */
  endPiece(): void {
    const ops = this.#open;
    if (ops.length === 0) return;
    const [first, last] = [ops[0]!.op, ops.at(-1)!.op];
    let latestHlc = 0;
    let values = '';
    const places = ops.map(({ op: { entity, key, hlc, last }, text }): Place => {
      latestHlc = Math.max(latestHlc, hlc);
      values += text ?? '';
      return [entity, key, hlc, last, text === null ? -1 : text.length];
    });
    const { origin, seq, hlc } = first;
    this.#statements.add.run(origin, last.seq, seq, hlc, latestHlc, JSON.stringify(places), values);
    this.forgetOpen();
  }

  /** The transaction is taken back. */
  forgetOpen(): void {
    this.#open = [];
    this.#openChars = 0;
  }

  /** An origin's ops behind a number, in their order. */
  *after(origin: string, seq: number): IterableIterator<KeptOp> {
    for (const raw of this.#statements.after.iterate(origin, seq) as IterableIterator<unknown>) {
      const { first_seq, places, op_values } = raw as RawPiece;
      let at = 0;
      for (const [index, [entity, key, hlc, last, chars]] of (JSON.parse(places) as Place[]).entries()) {
        const text = chars < 0 ? null : op_values.slice(at, at + chars);
        at += Math.max(0, chars);
        const own = first_seq + index;
        if (own > seq) yield new KeptOp({ origin, seq: own, last, hlc, entity, key }, text);
      }
    }
  }

  drop(origin: string, upTo: number): void {
    this.endPiece();
    this.#statements.drop.run(origin, upTo);
  }

  /** Of each origin the end of its pieces that are among the oldest `count` ops as a whole. */
  oldest(count: number): Map<string, number> {
    this.endPiece();
    const upTo = new Map<string, number>();
    let ops = 0;
    for (const raw of this.#statements.oldest.iterate()) {
      const [origin, last] = [String(raw['origin']), Number(raw['last_seq'])];
      ops += last - Number(raw['first_seq']) + 1;
      if (ops > count) break;
      upTo.set(origin, Math.max(last, upTo.get(origin) ?? 0));
    }
    return upTo;
  }
}
