import { randomBytes } from 'node:crypto';
import type { Channel } from '@peerage/contract';
import { challengeLimits } from '../limits.ts';

interface Open {
  readonly challenge: string;
  readonly uid: string;
  readonly publicKey: string;
  readonly endsAtMs: number;
}

const nameOf = ({ exported }: Channel): string => Buffer.from(exported).toString('hex');

/**
 * Challenges that devices sign to log in: each good once, for 30 s, for one user and key, on one connection. A connection has one at a time; when there are too
 * many, the oldest goes, so that who asks for many keeps nobody from logging in. Oldest first, as a Map keeps them.
 */
export class Challenges {
  readonly #open = new Map<string, Open>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The same for known and unknown users. */
  make(uid: string, publicKey: string, channel: Channel): string {
    const connection = nameOf(channel);
    this.#open.delete(connection);
    for (const [name, { endsAtMs }] of this.#open) {
      if (endsAtMs > this.#nowMs() && this.#open.size < challengeLimits.open) break;
      this.#open.delete(name);
    }
    const challenge = randomBytes(32).toString('hex');
    this.#open.set(connection, { challenge, uid, publicKey, endsAtMs: this.#nowMs() + challengeLimits.lifeMs });
    return challenge;
  }

  /** Whether the challenge was made on that connection for that user and key and is open; the connection's challenge is used up by asking. */
  take(challenge: string, uid: string, publicKey: string, channel: Channel): boolean {
    const connection = nameOf(channel);
    const open = this.#open.get(connection);
    this.#open.delete(connection);
    if (open === undefined || open.endsAtMs <= this.#nowMs()) return false;
    return open.challenge === challenge && open.uid === uid && open.publicKey === publicKey;
  }
}
