import type { DatabaseSync } from 'node:sqlite';
import type { Revoked, SignedRevocation } from '@peerage/contract';
import { together } from './database.ts';
import type { OrderedWrites } from './ordered-writes.ts';

/** A revocation with the trackers that are still to be told of it; `*`: any one of them. */
interface Owed {
  readonly revocation: SignedRevocation;
  readonly owed: readonly string[];
}

interface Row {
  kind: SignedRevocation['kind'];
  id: string;
  at_ms: number;
  issuer: string;
  signature: string;
  owed: string;
}

const owedOf = ({ kind, id, at_ms: atMs, issuer, signature, owed }: Row): Owed => ({
  revocation: { kind, id, atMs, issuer, signature },
  owed: JSON.parse(owed) as string[],
});

/** Revocations that this home knows of: in force from its start on, whether or not a tracker answers. */
export class RevocationRows {
  readonly #database: DatabaseSync;
  readonly #writes: OrderedWrites;

  constructor(database: DatabaseSync, writes: OrderedWrites) {
    this.#database = database;
    this.#writes = writes;
  }

  all(): Owed[] {
    return (this.#database.prepare('SELECT * FROM revocations').all() as unknown as Row[]).map(owedOf);
  }

  /** Those that are new, with whom they are owed to; a known one, which a tracker may have told first, is owed to them as well where it is `ours`. A full disk does not stand in the way of what they do. */
  add(revocations: readonly SignedRevocation[], owed: readonly string[], { ours = false } = {}): void {
    const insert = this.#database.prepare(
      'INSERT INTO revocations (kind, id, at_ms, issuer, signature, owed) VALUES (?, ?, ?, ?, ?, ?) ' +
        (ours ? 'ON CONFLICT (kind, id) DO UPDATE SET owed = excluded.owed' : 'ON CONFLICT (kind, id) DO NOTHING'),
    );
    const json = JSON.stringify(owed);
    this.#together(() => {
      for (const row of revocations) insert.run(row.kind, row.id, row.atMs, row.issuer, row.signature, json);
    });
  }

  setOwed({ kind, id }: Revoked, owed: readonly string[]): void {
    const update = this.#database.prepare('UPDATE revocations SET owed = ? WHERE kind = ? AND id = ?');
    this.#writes.soon(() => update.run(JSON.stringify(owed), kind, id));
  }

  remove(revoked: readonly Revoked[]): void {
    const remove = this.#database.prepare('DELETE FROM revocations WHERE kind = ? AND id = ?');
    this.#together(() => {
      for (const { kind, id } of revoked) remove.run(kind, id);
    });
  }

  /** One wait for the disk. */
  #together(write: () => void): void {
    this.#writes.soon(() => together(this.#database, write));
  }
}
