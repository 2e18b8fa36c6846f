import type { Entity, Hlc } from '../domain/entities.ts';
import type { Held } from '../domain/join.ts';
import type { KeptRow, LoggedOp } from './tables.ts';

/** What lies on disk as text: parsed where somebody asks for the value, which few do. */
abstract class Kept {
  readonly text: string | null;

  constructor(text: string | null) {
    this.text = text;
  }

  get value(): Held['value'] {
    return this.text === null ? null : JSON.parse(this.text);
  }
}

/** A row or op as its tables give it. */
interface RawPlace {
  readonly entity: Entity;
  readonly key: string;
  readonly hlc: Hlc;
  readonly origin: string;
  readonly seq: number;
}

export class KeptOp extends Kept implements LoggedOp {
  readonly origin: string;
  readonly seq: number;
  readonly last: number;
  readonly hlc: Hlc;
  readonly entity: Entity;
  readonly key: string;

  constructor({ origin, seq, last, hlc, entity, key }: RawPlace & { readonly last: number }, text: string | null) {
    super(text);
    this.origin = origin;
    this.seq = seq;
    this.last = last;
    this.hlc = hlc;
    this.entity = entity;
    this.key = key;
  }
}

export class TextRow extends Kept implements KeptRow {
  readonly entity: Entity;
  readonly key: string;
  readonly stamp: Held['stamp'];

  constructor({ entity, key, hlc, origin, seq }: RawPlace, text: string | null) {
    super(text);
    this.entity = entity;
    this.key = key;
    this.stamp = { hlc, origin, seq };
  }
}
