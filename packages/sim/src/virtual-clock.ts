/** Something that can be planned: it runs when its time has come. */
export interface Planned {
  run(): void;
}

/** Where everything happens in the order of time, a slot of the calendar is a thirty-second of a millisecond; a slot is never shorter than that. */
const LEAST_SLOT_MS = 1 / 32;
const LEAST_LOOKAHEAD_MS = 1;
const SLOTS = 16_384;

/** What is planned for one slot, in the order of planning. */
class Slot {
  readonly times: number[] = [];
  readonly owners: number[] = [];
  readonly things: Planned[] = [];
  count = 0;

  put(atMs: number, owner: number, thing: Planned): void {
    this.times[this.count] = atMs;
    this.owners[this.count] = owner;
    this.things[this.count++] = thing;
  }
}

/**
 * Time that passes only by running what was planned, equal times in the order of planning. Each thing has an owner: who it happens to.
 *
 * Where nobody can reach another in less than `lookaheadMs`, owners take turns: one runs through all that happens to it in that time, then
 * the next. What happens to each is the same as in the order of time, but its state is fetched from memory once a turn: in a crowd of a thousand
 * that is most of the cost. (The window is that of conservative parallel simulation: Chandy and Misra, 1979.) What is planned for another all the same comes at the end of the window.
 *
 * A calendar queue (Brown, 1988): planning and taking the next cost the same however much is planned. Always true: a bit of `#occupied` is
 * set where a slot is not empty; what is left of the present slot is in `#times` and `#things` from `#next` on, in order, and, of owners whose turn is
 * still to come, in `#due`.
 */
export class VirtualClock {
  nowMs = 0;
  /** Things run so far. */
  steps = 0;
  readonly #slotMs: number;
  readonly #takesTurns: boolean;
  readonly #slots: (Slot | undefined)[] = new Array<Slot | undefined>(SLOTS).fill(undefined);
  readonly #spareSlots: Slot[] = [];
  readonly #occupied = new Int32Array(SLOTS / 32);
  #count = 0;
  /** The present slot, counted from time 0. */
  #slot = -1;
  #owner = -1;
  #times: number[] = [];
  #things: Planned[] = [];
  #next = 0;
  /** The present slot's: first sorted by owner (`#order` are places of `#due`), then taken owner by owner. */
  #due = new Slot();
  #order = new Int32Array(64);
  #orderNext = 0;
  readonly #starts: Int32Array;

  constructor(options: { readonly lookaheadMs: number; readonly owners: number }) {
    this.#takesTurns = options.lookaheadMs >= LEAST_LOOKAHEAD_MS;
    this.#slotMs = this.#takesTurns ? options.lookaheadMs : LEAST_SLOT_MS;
    this.#starts = new Int32Array(this.#takesTurns ? options.owners + 1 : 2);
  }

  /** Not before now, whatever `atMs` says. */
  plan(atMs: number, owner: number, thing: Planned): void {
    const timeMs = Math.max(atMs, this.nowMs);
    const turn = this.#takesTurns ? owner : 0;
    let slot = Math.floor(timeMs / this.#slotMs);
    this.#count++;
    if (slot <= this.#slot) {
      if (turn === this.#owner) {
        this.#insert(timeMs, thing);
        return;
      }
      slot = this.#slot + 1;
    }
    this.#slotAt(slot % SLOTS).put(timeMs, turn, thing);
  }

  at(atMs: number, owner: number, run: () => void): void {
    this.plan(atMs, owner, { run });
  }

  after(delayMs: number, owner: number, run: () => void): void {
    this.plan(this.nowMs + delayMs, owner, { run });
  }

  /** Runs the next thing; false where nothing is planned. */
  step(): boolean {
    if (this.#count === 0) return false;
    while (this.#next === this.#things.length) {
      if (this.#orderNext === this.#due.count) this.#nextSlot();
      else this.#nextOwner();
    }
    this.steps++;
    this.#count--;
    this.nowMs = this.#times[this.#next]!;
    this.#things[this.#next++]!.run();
    return true;
  }

  #slotAt(place: number): Slot {
    const slot = this.#slots[place];
    if (slot !== undefined) return slot;
    const fresh = this.#spareSlots.pop() ?? new Slot();
    this.#slots[place] = fresh;
    this.#occupied[place >> 5]! |= 1 << (place & 31);
    return fresh;
  }

  /** Behind everything that is not later. */
  #insert(timeMs: number, thing: Planned): void {
    const times = this.#times;
    const things = this.#things;
    let place = times.length;
    times.push(timeMs);
    things.push(thing);
    for (; place > this.#next && times[place - 1]! > timeMs; place--) {
      times[place] = times[place - 1]!;
      things[place] = things[place - 1]!;
    }
    times[place] = timeMs;
    things[place] = thing;
  }

  #nextOwner(): void {
    const { owners, times, things, count } = this.#due;
    this.#times.length = 0;
    this.#things.length = 0;
    this.#next = 0;
    this.#owner = owners[this.#order[this.#orderNext]!]!;
    for (; this.#orderNext < count; this.#orderNext++) {
      const place = this.#order[this.#orderNext]!;
      if (owners[place] !== this.#owner) return;
      this.#insert(times[place]!, things[place]!);
    }
  }

  /** Goes on to the next slot that is not empty, and sorts what is due in this round by owner. */
  #nextSlot(): void {
    this.#due.count = 0;
    this.#spareSlots.push(this.#due);
    this.#slot = this.#nextOccupied();
    const place = this.#slot % SLOTS;
    const due = this.#slots[place]!;
    this.#slots[place] = undefined;
    this.#occupied[place >> 5]! &= ~(1 << (place & 31));
    this.#keepLater(due, place);
    this.#due = due;
    this.#orderNext = 0;
    this.#sortDue();
  }

  /** What is planned for a later round of the slots goes back to its place. */
  #keepLater(due: Slot, place: number): void {
    const endMs = (this.#slot + 1) * this.#slotMs;
    let kept = 0;
    for (let index = 0; index < due.count; index++) {
      const timeMs = due.times[index]!;
      if (timeMs < endMs || Math.floor(timeMs / this.#slotMs) <= this.#slot) {
        due.times[kept] = timeMs;
        due.owners[kept] = due.owners[index]!;
        due.things[kept++] = due.things[index]!;
      } else {
        this.#slotAt(place).put(timeMs, due.owners[index]!, due.things[index]!);
      }
    }
    due.count = kept;
  }

  #sortDue(): void {
    const { owners, count } = this.#due;
    if (this.#order.length < count) this.#order = new Int32Array(2 * count);
    const starts = this.#starts.fill(0);
    for (let place = 0; place < count; place++) starts[owners[place]! + 1]!++;
    for (let owner = 1; owner < starts.length; owner++) starts[owner]! += starts[owner - 1]!;
    for (let place = 0; place < count; place++) this.#order[starts[owners[place]!]!++] = place;
  }

  #nextOccupied(): number {
    let slot = this.#slot + 1;
    for (;;) {
      const bits = this.#occupied[(slot % SLOTS) >> 5]! >>> (slot & 31);
      if (bits !== 0) return slot + 31 - Math.clz32(bits & -bits);
      slot += 32 - (slot & 31);
    }
  }
}
