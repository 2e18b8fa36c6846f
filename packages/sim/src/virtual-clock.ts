/** Time that passes only by running what was planned: equal times in the order of planning. */
export class VirtualClock {
  nowMs = 0;
  /** Things run so far. */
  steps = 0;
  /** What is planned, by its time. Much falls on one moment: a broadcast of `have` is one place of the heap, not forty. */
  readonly #planned = new Map<number, (() => void)[]>();
  /** The times of `#planned` but the present one, a binary heap. */
  #times = new Float64Array(1024);
  #timeCount = 0;
  #present: (() => void)[] = [];
  #next = 0;

  at(atMs: number, run: () => void): void {
    if (atMs <= this.nowMs) {
      this.#present.push(run);
      return;
    }
    const planned = this.#planned.get(atMs);
    if (planned !== undefined) {
      planned.push(run);
      return;
    }
    this.#planned.set(atMs, [run]);
    this.#insert(atMs);
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run);
  }

  /** Runs the next thing; false where nothing is planned. */
  step(): boolean {
    if (this.#next === this.#present.length && !this.#advance()) return false;
    this.steps++;
    this.#present[this.#next++]!();
    return true;
  }

  #advance(): boolean {
    this.#present.length = 0;
    this.#next = 0;
    if (this.#timeCount === 0) return false;
    this.nowMs = this.#removeFirst();
    this.#present = this.#planned.get(this.nowMs)!;
    this.#planned.delete(this.nowMs);
    return true;
  }

  #insert(atMs: number): void {
    if (this.#timeCount === this.#times.length) {
      const times = new Float64Array(2 * this.#timeCount);
      times.set(this.#times);
      this.#times = times;
    }
    const times = this.#times;
    let place = this.#timeCount++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (times[parent]! <= atMs) break;
      times[place] = times[parent]!;
      place = parent;
    }
    times[place] = atMs;
  }

  #removeFirst(): number {
    const times = this.#times;
    const first = times[0]!;
    const last = times[--this.#timeCount]!;
    const count = this.#timeCount;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      if (child + 1 < count && times[child + 1]! < times[child]!) child++;
      if (times[child]! >= last) break;
      times[place] = times[child]!;
      place = child;
    }
    times[place] = last;
    return first;
  }
}
