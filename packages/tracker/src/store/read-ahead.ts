import type { Vector } from '../replication/op.ts';
import { CARRIED_BYTES, textOfOps } from '../replication/wire.ts';
import type { ReplicatedStore } from './replicated-store.ts';

interface Page {
  /** What whoever asks for it holds, and what it holds with it. */
  readonly before: Vector;
  readonly after: Vector;
  readonly text: string;
  readonly more: boolean;
}

/**
 * Ops for trackers that catch up: the next page is read while one merges the page that it got. Always true: the page at hand is what the log holds behind its vector; whoever drops ops from
 * the log forgets it.
 */
export class ReadAhead {
  readonly #store: ReplicatedStore;
  #ahead: Page | undefined;
  #reading: NodeJS.Immediate | undefined;

  constructor(store: ReplicatedStore) {
    this.#store = store;
  }

  /** What `vector` lacks, as text, about a page of it; undefined where some of it is dropped. */
  opsAfter(vector: Vector): string | undefined {
    const ahead = this.#ahead;
    this.forget();
    const page = ahead && this.#lackTheSame(vector, ahead.before) ? ahead : this.#read(vector);
    if (page?.more) {
      this.#reading = setImmediate(() => {
        this.#ahead = this.#read(page.after);
      });
    }
    return page?.text;
  }

  /** Holds nothing, and reads nothing any more until it is asked. */
  forget(): void {
    clearImmediate(this.#reading);
    this.#ahead = undefined;
  }

  #read(before: Vector): Page | undefined {
    const read = this.#store.opsAfter(before, CARRIED_BYTES);
    if (!read) return undefined;
    const after = { ...before };
    for (const { origin, seq } of read.ops) after[origin] = seq;
    return { before, after, text: textOfOps(read.ops), more: read.more };
  }

  #lackTheSame(a: Vector, b: Vector): boolean {
    const shared = (seq: number | undefined, held: number) => Math.min(seq ?? 0, held);
    return Object.entries(this.#store.vector()).every(
      ([origin, held]) => shared(a[origin], held) === shared(b[origin], held),
    );
  }
}
