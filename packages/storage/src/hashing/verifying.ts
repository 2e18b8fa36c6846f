import type { PieceIndex } from '@peerage/bittorrent';
import type { PieceHash } from './running-hash.ts';
import { hasSha1, sha1IsCompiled, sha1OfEach, TOGETHER_PIECES } from './sha1.ts';

/** Pieces that come faster than this, on average (130 MB/s), wait for each other: where they come slower, few would be there in time. */
const QUICK_MS = 4;
const LONGEST_WAIT_MS = 20;
/** Of a new interval in the average. */
const WEIGHT = 0.2;
/** A longer pause says no more than this. */
const LONGEST_INTERVAL_MS = 50;

interface Waiting {
  readonly piece: PieceIndex;
  readonly bytes: Uint8Array;
  readonly resolve: (isRight: boolean) => void;
}

/**
 * Verifies the pieces of one download. Side by side they take a third of the time that they take one after the other, so where they come quickly they wait for each other;
 * where they do not, each is verified at once, since whoever is to get it next waits for it.
 *
 * Always true: what waits is answered within 20 ms, or as soon as eight wait.
 */
export class PieceVerifier {
  readonly #pieceHash: PieceHash;
  readonly #nowMs: () => number;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #intervalMs = LONGEST_INTERVAL_MS;

  constructor(pieceHash: PieceHash, nowMs: () => number = () => performance.now()) {
    this.#pieceHash = pieceHash;
    this.#nowMs = nowMs;
  }

  /** Whether these bytes are that piece: at once, or where it `mayWait` and others are to be verified with it, soon. The bytes stay as they are until then. */
  verify(piece: PieceIndex, bytes: Uint8Array, mayWait = true): boolean | Promise<boolean> {
    if (!sha1IsCompiled || !this.#comesQuickly() || !mayWait) return hasSha1(bytes, this.#pieceHash(piece));
    return new Promise((resolve) => {
      if (this.#waiting.push({ piece, bytes, resolve }) === TOGETHER_PIECES) this.#answer();
      else this.#timer ??= setTimeout(() => this.#answer(), LONGEST_WAIT_MS);
    });
  }

  #comesQuickly(): boolean {
    const nowMs = this.#nowMs();
    const intervalMs = Math.min(nowMs - this.#lastMs, LONGEST_INTERVAL_MS);
    this.#lastMs = nowMs;
    this.#intervalMs += WEIGHT * (intervalMs - this.#intervalMs);
    return this.#intervalMs < QUICK_MS;
  }

  #answer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const together = this.#waiting;
    this.#waiting = [];
    for (const [at, sha1] of sha1OfEach(together.map(({ bytes }) => bytes)).entries()) {
      const { piece, resolve } = together[at]!;
      resolve(Buffer.compare(sha1, this.#pieceHash(piece)) === 0);
    }
  }
}
