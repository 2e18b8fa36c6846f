interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only by running what was planned: equal times in the order of planning. */
export class VirtualClock {
  nowMs = 0;
  /** Things run so far. */
  steps = 0;
  #heap: Planned[] = [];
  #order = 0;

  at(atMs: number, run: () => void): void {
    const planned = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, run };
    let place = this.#heap.length;
    this.#heap.push(planned);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(planned, this.#heap[parent]!)) break;
      this.#heap[place] = this.#heap[parent]!;
      place = parent;
    }
    this.#heap[place] = planned;
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run);
  }

  /** Runs the next thing; false where nothing is planned. */
  step(): boolean {
    const next = this.#heap[0];
    if (next === undefined) return false;
    this.#removeFirst();
    this.nowMs = next.atMs;
    this.steps++;
    next.run();
    return true;
  }

  #removeFirst(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++;
      if (!isBefore(this.#heap[child]!, last)) break;
      this.#heap[place] = this.#heap[child]!;
      place = child;
    }
    this.#heap[place] = last;
  }
}

function isBefore(left: Planned, right: Planned): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
