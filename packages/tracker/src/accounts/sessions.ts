import { hash, randomBytes } from 'node:crypto';
import { PeerageError } from '@peerage/contract';
import { keyParts } from '../domain/entities.ts';
import type { OpenedSession } from '../domain/open-session.ts';
import type { Put } from '../domain/rule.ts';
import type { Writer } from '../store/writer.ts';

export const newToken = (): string => randomBytes(32).toString('base64url');
export const tokenHash = (token: string): string => hash('sha256', token);

const TOKEN = /^[\w-]{43}$/;
const MOST_CACHED = 10_000;

/** Who a token belongs to. What the store answered is kept until a row changes that it depends on; rows change before their commands are answered. */
export class Sessions {
  readonly #writer: Writer;
  readonly #cache = new Map<string, OpenedSession>();
  #changes = 0;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Refuses with `not_logged_in` what is no token of an open session. */
  async require(token: string | undefined): Promise<OpenedSession> {
    if (token !== undefined && TOKEN.test(token)) {
      const hash = tokenHash(token);
      const session = this.#cache.get(hash) ?? (await this.#ask(hash));
      if (session) return session;
    }
    throw new PeerageError('not_logged_in', 'the session is over or never was: log in');
  }

  rowsChanged(puts: readonly Put[]): void {
    for (const { entity, key } of puts) {
      if (entity === 'session') this.#drop((_, hash) => hash === key);
      else if (entity === 'credential' || entity === 'login' || entity === 'device' || entity === 'user') {
        this.#drop(({ uid }) => uid === keyParts(key)[0]);
      }
    }
  }

  #drop(matches: (session: OpenedSession, hash: string) => boolean): void {
    this.#changes++;
    for (const [hash, session] of this.#cache) if (matches(session, hash)) this.#cache.delete(hash);
  }

  async #ask(hash: string): Promise<OpenedSession | undefined> {
    const changes = this.#changes;
    const session = await this.#writer.run('sessionOf', { tokenHash: hash });
    if (session && changes === this.#changes) {
      if (this.#cache.size >= MOST_CACHED) this.#cache.clear();
      this.#cache.set(hash, session);
    }
    return session;
  }
}
