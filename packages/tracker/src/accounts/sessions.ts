import { hash, randomBytes } from 'node:crypto';
import { PeerageError } from '@peerage/contract';
import { LRUCache } from 'lru-cache';
import { keyParts } from '../domain/entities.ts';
import type { OpenedSession } from '../domain/open-session.ts';
import type { Put } from '../domain/rule.ts';
import type { Writer } from '../store/writer.ts';

export const newToken = (): string => randomBytes(32).toString('base64url');
export const tokenHash = (token: string): string => hash('sha256', token);

const TOKEN = /^[\w-]{43}$/;
/** About 30 MiB; of more devices those that were heard of last. */
const MOST_KEPT = 100_000;

/**
 * Who a token belongs to. What the store answered is kept until a row changes that it depends on; rows change before their commands are answered. Always true: `#hashesOf` has the
 * hashes of exactly the sessions that are kept, by user.
 */
export class Sessions {
  readonly #writer: Writer;
  readonly #kept: LRUCache<string, OpenedSession>;
  readonly #hashesOf = new Map<string, Set<string>>();
  #changes = 0;

  constructor(writer: Writer, mostKept = MOST_KEPT) {
    this.#writer = writer;
    this.#kept = new LRUCache({ max: mostKept, dispose: ({ uid }, hash) => this.#forgot(uid, hash) });
  }

  /** The session, where it is known without asking the store. */
  kept(token: string | undefined): OpenedSession | undefined {
    return token !== undefined && TOKEN.test(token) ? this.#kept.get(tokenHash(token)) : undefined;
  }

  /** Refuses with `not_logged_in` what is no token of an open session. */
  async require(token: string | undefined): Promise<OpenedSession> {
    if (token !== undefined && TOKEN.test(token)) {
      const hash = tokenHash(token);
      const session = this.#kept.get(hash) ?? (await this.#ask(hash));
      if (session) return session;
    }
    throw new PeerageError('not_logged_in', 'the session is over or never was: log in');
  }

  rowsChanged(puts: readonly Put[]): void {
    for (const { entity, key } of puts) {
      if (entity === 'session') this.#drop([key]);
      else if (entity === 'credential' || entity === 'login' || entity === 'device' || entity === 'user') {
        this.#drop(this.#hashesOf.get(keyParts(key)[0]!) ?? []);
      }
    }
  }

  #drop(hashes: Iterable<string>): void {
    this.#changes++;
    for (const hash of hashes) this.#kept.delete(hash);
  }

  #forgot(uid: string, hash: string): void {
    const hashes = this.#hashesOf.get(uid);
    hashes?.delete(hash);
    if (hashes?.size === 0) this.#hashesOf.delete(uid);
  }

  async #ask(hash: string): Promise<OpenedSession | undefined> {
    const changes = this.#changes;
    const session = await this.#writer.run('sessionOf', { tokenHash: hash });
    if (session && changes === this.#changes) {
      this.#kept.set(hash, session);
      const hashes = this.#hashesOf.get(session.uid) ?? new Set();
      this.#hashesOf.set(session.uid, hashes.add(hash));
    }
    return session;
  }
}
