import { randomBytes } from 'node:crypto';
import { type Channel, PeerageError } from '@peerage/contract';

const LIFE_MS = 30_000;
const MOST_OPEN = 10_000;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

interface Open {
  readonly uid: string;
  readonly publicKey: string;
  readonly exported: string;
  readonly endsAtMs: number;
}

/** Challenges that devices sign to log in: each good once, for 30 s, for one user and key, on one connection. Oldest first, as a Map keeps them. */
export class Challenges {
  readonly #open = new Map<string, Open>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The same for known and unknown users. */
  make(uid: string, publicKey: string, { exported }: Channel): string {
    for (const [challenge, { endsAtMs }] of this.#open) {
      if (endsAtMs > this.#nowMs()) break;
      this.#open.delete(challenge);
    }
    if (this.#open.size >= MOST_OPEN) {
      throw new PeerageError('throttled', 'too many devices log in at this moment: try again in some seconds');
    }
    const challenge = randomBytes(32).toString('hex');
    const connection = hexOf(exported);
    this.#open.set(challenge, { uid, publicKey, exported: connection, endsAtMs: this.#nowMs() + LIFE_MS });
    return challenge;
  }

  /** Whether the challenge was made on that connection for that user and key and is open; it is used up by asking. */
  take(challenge: string, uid: string, publicKey: string, { exported }: Channel): boolean {
    const open = this.#open.get(challenge);
    this.#open.delete(challenge);
    if (open === undefined || open.endsAtMs <= this.#nowMs()) return false;
    return open.uid === uid && open.publicKey === publicKey && open.exported === hexOf(exported);
  }
}
