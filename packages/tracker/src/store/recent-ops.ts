import type { LoggedOp } from './tables.ts';

const MOST_OPS = 8_192;
const MOST_TEXT = 8 * 1024 * 1024;

/**
 * The ops that were logged last, as their text: what trackers that follow live ask for next, so that nothing is read back, parsed and written as text again
 * for them. Always true: it holds an end of the log, in the order of writing; whoever takes a transaction back clears it.
 */
export class RecentOps {
  #ops: LoggedOp[] = [];
  #text = 0;

  add(op: LoggedOp): void {
    this.#ops.push(op);
    this.#text += sizeOf(op);
    if (this.#text > MOST_TEXT) this.clear();
    else if (this.#ops.length > MOST_OPS) {
      this.#ops = this.#ops.slice(MOST_OPS / 2);
      this.#text = this.#ops.reduce((sum, kept) => sum + sizeOf(kept), 0);
    }
  }

  /** An origin's ops behind `seq`; undefined where some of them may be missing here. */
  after(origin: string, seq: number): readonly LoggedOp[] | undefined {
    const found: LoggedOp[] = [];
    for (let index = this.#ops.length - 1; index >= 0; index--) {
      const op = this.#ops[index]!;
      if (op.origin !== origin) continue;
      if (op.seq <= seq) return found.reverse();
      found.push(op);
      if (op.seq === seq + 1) return found.reverse();
    }
    return undefined;
  }

  clear(): void {
    this.#ops = [];
    this.#text = 0;
  }
}

const sizeOf = ({ key, text }: LoggedOp): number => key.length + (text?.length ?? 0);
