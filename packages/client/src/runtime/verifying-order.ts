import type { PieceIndex } from '@peerage/bittorrent';

/** What comes from several seeders at once is not farther ahead (swarm/piece-picker.ts). */
const AHEAD_PIECES = 16;
/** Longer than sixteen pieces take on links that the processor can't keep up with; on slower ones hashing costs too little to wait for. */
const WAIT_MS = 30;

interface VerifyingOrderOptions {
  /** The piece with which the whole file's hash goes on by the same way through the bytes; undefined where the order is all the same. */
  readonly next: () => PieceIndex | undefined;
  /** Its blocks come in, or it is stored and will be gone on with. */
  readonly isComing: (piece: PieceIndex) => boolean;
  readonly verify: (piece: PieceIndex) => void;
}

/**
 * Pieces that came a little before the file's next one wait for it, as long as it is on its way, so that each makes both hashes at once.
 *
 * Always true: a piece waits here only until the next one was verified, or for so many milliseconds; what waited is verified one piece in a turn of the event loop.
 */
export class VerifyingOrder {
  readonly #options: VerifyingOrderOptions;
  readonly #waiting = new Set<PieceIndex>();
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(options: VerifyingOrderOptions) {
    this.#options = options;
  }

  /** All of the piece has come. */
  add(piece: PieceIndex): void {
    const { next, isComing, verify } = this.#options;
    const first = next();
    if (first !== undefined && piece > first && piece - first < AHEAD_PIECES && isComing(first)) {
      this.#waiting.add(piece);
      this.#timer ??= setTimeout(() => this.#tooLong(), WAIT_MS);
    } else verify(piece);
    this.goOn();
  }

  close(): void {
    this.#waiting.clear();
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }

  /** The next one may be another one now. */
  goOn(): void {
    const next = this.#options.next();
    if (next === undefined || !this.#waiting.has(next) || this.#turn !== undefined) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#verify(next);
    });
  }

  #tooLong(): void {
    this.#timer = undefined;
    for (const piece of [...this.#waiting].sort((one, other) => one - other)) this.#verify(piece);
  }

  #verify(piece: PieceIndex): void {
    if (!this.#waiting.delete(piece)) return;
    if (this.#waiting.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else this.#timer?.refresh();
    this.#options.verify(piece);
    this.goOn();
  }
}
