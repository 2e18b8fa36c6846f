import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { pageLimits } from '../page-limits.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const secretText = (): string => randomBytes(32).toString('base64url');

interface PageSession {
  readonly cookie: Buffer;
  readonly secret: Buffer;
}

/**
 * Who may speak through the page. A code opens one session, once, within half a minute. A session is a cookie (HttpOnly, so no script reads it)
 * and a secret that the tab keeps to itself (cookies know no ports: another server on this host is sent them); one without the other opens nothing.
 * Both end with the client.
 */
export class PageSessions {
  readonly cookieName: string;
  readonly #nowMs: () => number;
  readonly #codes: { readonly code: Buffer; readonly endsMs: number }[] = [];
  readonly #sessions: PageSession[] = [];

  /** `instance` tells the cookies of several clients of one host apart; `nowMs` never goes back. */
  constructor(instance: string, nowMs: () => number) {
    this.cookieName = `peerage-${instance}`;
    this.#nowMs = nowMs;
  }

  makeCode(): string {
    const code = randomBytes(24).toString('base64url');
    this.#codes.push({ code: digest(code), endsMs: this.#nowMs() + pageLimits.codeMs });
    if (this.#codes.length > pageLimits.codes) this.#codes.shift();
    return code;
  }

  /** Null for a code that was never made, was used, or is too old. */
  enter(code: string): { readonly cookie: string; readonly secret: string } | null {
    const given = digest(code);
    const at = this.#codes.findIndex((known) => timingSafeEqual(known.code, given));
    if (at < 0) return null;
    const [used] = this.#codes.splice(at, 1);
    if (used!.endsMs < this.#nowMs()) return null;
    const session = { cookie: secretText(), secret: secretText() };
    this.#sessions.push({ cookie: digest(session.cookie), secret: digest(session.secret) });
    if (this.#sessions.length > pageLimits.sessions) this.#sessions.shift();
    return session;
  }

  admits({ cookie = '', authorization = '' }: IncomingHttpHeaders): boolean {
    const secret = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(authorization)?.[1];
    if (secret === undefined) return false;
    const sent = digest(secret);
    const session = this.#sessions.find((known) => timingSafeEqual(known.secret, sent));
    if (!session) return false;
    return cookie.split(/;\s*/).some((pair) => {
      const [name, value] = pair.split('=', 2);
      return name === this.cookieName && value !== undefined && timingSafeEqual(digest(value), session.cookie);
    });
  }
}
