import { Sha1 } from './sha1.ts';

const TURN = 0;
const STATE = 1;
const WORDS = 6;
const ENDED = -1;

/**
 * One SHA-1 that threads carry on in turns: while one has it, the others read what comes next and hash its pieces. Only where SHA-1 is compiled, and in whole blocks
 * of 64 bytes but for the last turn. Always true: whoever was let in by `take` alone reads and writes the state, until `give`.
 */
export class Sha1Relay {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** At its first turn, 0; or of another thread's memory. */
  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
    this.#words = new Int32Array(this.memory);
    if (memory === undefined) this.#words.set(new Sha1().state, STATE);
  }

  /** Waits for that turn, before which so many bytes were hashed; undefined where it was ended. */
  take(turn: number, lengthBytes: number): Sha1 | undefined {
    for (;;) {
      const now = Atomics.load(this.#words, TURN);
      if (now === ENDED) return undefined;
      if (now === turn) return Sha1.after(lengthBytes, Uint32Array.from(this.#words.subarray(STATE)));
      Atomics.wait(this.#words, TURN, now);
    }
  }

  give(turn: number, { state }: Sha1): void {
    this.#words.set(state, STATE);
    this.#tell(turn);
  }

  /** Nobody waits for it any more. */
  end(): void {
    this.#tell(ENDED);
  }

  #tell(turn: number): void {
    Atomics.store(this.#words, TURN, turn);
    Atomics.notify(this.#words, TURN);
  }
}
