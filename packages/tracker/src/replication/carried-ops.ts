import { replicationLimits } from '../limits.ts';
import type { Written } from './replication-log.ts';

interface Piece {
  /** Its ops are those behind this number … */
  readonly after: number;
  /** … up to this one, the last of a commit. */
  readonly upTo: number;
  readonly text: string;
}

/**
 * The last ops of this run as they go to other trackers: who follows is answered without a question to the store, which may be in the middle of a transaction. Always true: the pieces
 * follow on each other, are of one origin, on disk, and together no more than one answer carries.
 */
export class CarriedOps {
  #origin = '';
  #pieces: Piece[] = [];
  #chars = 0;

  add({ origin, seq, carried }: Written): void {
    if (!carried) return;
    if (origin !== this.#origin || this.#pieces.at(-1)?.upTo !== carried.after) this.clear();
    this.#origin = origin;
    this.#pieces.push({ after: carried.after, upTo: seq, text: carried.text });
    this.#chars += carried.text.length;
    let dropped = 0;
    while (this.#chars > replicationLimits.carriedBytes) this.#chars -= this.#pieces[dropped++]!.text.length;
    this.#pieces.splice(0, dropped);
  }

  /** All behind `seq` of that origin; undefined where that is not known here. */
  after(origin: string, seq: number): { readonly upTo: number; readonly text: string } | undefined {
    const first = origin === this.#origin ? this.#pieces.findIndex(({ after }) => after === seq) : -1;
    if (first < 0) return undefined;
    const pieces = this.#pieces.slice(first);
    return { upTo: pieces.at(-1)!.upTo, text: pieces.map(({ text }) => text).join(',') };
  }

  /** What is dropped from the log is not told from memory either. */
  forget(upTo: number): void {
    const kept = this.#pieces.filter(({ after }) => after >= upTo);
    this.#pieces = kept;
    this.#chars = kept.reduce((sum, { text }) => sum + text.length, 0);
  }

  clear(): void {
    this.#pieces = [];
    this.#chars = 0;
  }
}
