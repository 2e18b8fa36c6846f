import { randomBytes } from 'node:crypto';
import { PeerageError } from '@peerage/contract';

const LIFE_MS = 30_000;
const MOST_OPEN = 10_000;

interface Open {
  readonly uid: string;
  readonly publicKey: string;
  readonly endsAtMs: number;
}

/** Challenges that devices sign to log in: each good once, for 30 s, for one user and key. Oldest first, as a Map keeps them. */
export class Challenges {
  readonly #open = new Map<string, Open>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The same for known and unknown users. */
  make(uid: string, publicKey: string): string {
    for (const [challenge, { endsAtMs }] of this.#open) {
      if (endsAtMs > this.#nowMs()) break;
      this.#open.delete(challenge);
    }
    if (this.#open.size >= MOST_OPEN) {
      throw new PeerageError('throttled', 'too many devices log in at this moment: try again in some seconds');
    }
    const challenge = randomBytes(32).toString('hex');
    this.#open.set(challenge, { uid, publicKey, endsAtMs: this.#nowMs() + LIFE_MS });
    return challenge;
  }

  /** Whether the challenge was made for that user and key and is open; it is used up by asking. */
  take(challenge: string, uid: string, publicKey: string): boolean {
    const open = this.#open.get(challenge);
    this.#open.delete(challenge);
    return open !== undefined && open.uid === uid && open.publicKey === publicKey && open.endsAtMs > this.#nowMs();
  }
}
