import type { House } from './house.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A client whose tracker says nothing notices by its event stream, and is at the other one. */
const MOVED_MS = 4_000;

/** Lets things go wrong, one after the other, each healed before the next: at random, by the given numbers from 0 to 1. */
export class Faults {
  readonly counts = new Map<string, number>();
  /** Whether the trackers are cut from each other at the moment. */
  isCut = false;
  /** They will be in a moment: what needs a cut had better wait for it. */
  isCutSoon = false;
  readonly #house: House;
  readonly #random: () => number;

  /** How likely the next fault is a cut, from 0 to 1, besides by chance. */
  readonly #wantsCut: () => number;

  constructor(house: House, random: () => number, wantsCut: () => number) {
    this.#house = house;
    this.#random = random;
    this.#wantsCut = wantsCut;
  }

  async run(untilMs: number): Promise<void> {
    const kinds = [
      ['kill -9', (number: number) => this.#kill(number)],
      ['SIGSTOP', (number: number) => this.#stop(number)],
      ['trackers cut from each other', () => this.#cut()],
      ['clients cut from a tracker', (number: number) => this.#swallow(number)],
      ['slow links', () => this.#slow()],
    ] as const;
    while (performance.now() < untilMs) {
      await pause(this.#between(500, 2_500));
      // A cut is when both sides go on without each other: the most happens then.
      const index = this.#random() < this.#wantsCut() ? 2 : Math.floor(this.#random() * kinds.length);
      const [name, fault] = kinds[index]!;
      await fault(1 + Math.floor(this.#random() * 2));
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    }
  }

  async #kill(number: number): Promise<void> {
    await this.#house.trackers[number - 1]!.stop('SIGKILL');
    await pause(this.#between(100, 3_000));
    await this.#house.startTracker(number);
  }

  async #stop(number: number): Promise<void> {
    const { process } = this.#house.trackers[number - 1]!;
    process.kill('SIGSTOP');
    await pause(this.#between(500, 4_000));
    process.kill('SIGCONT');
  }

  /**
   * The network falls into two halves, each with a tracker and half of the clients: who was served by the tracker of the other half goes on at its own first, so that both trackers are written to
   * while they are cut from each other.
   */
  async #cut(): Promise<void> {
    const { ways } = this.#house;
    const across = [ways[0]!.clients[1], ways[1]!.clients[0]];
    this.isCutSoon = true;
    for (const way of across) way.swallow(true);
    await pause(MOVED_MS);
    for (const { tracker } of ways) tracker.swallow(true);
    this.isCutSoon = false;
    this.isCut = true;
    await pause(this.#between(3_000, 7_000));
    this.isCut = false;
    for (const way of [...across, ...ways.map(({ tracker }) => tracker)]) way.swallow(false);
  }

  async #swallow(number: number): Promise<void> {
    const ways = this.#house.ways[number - 1]!.clients;
    for (const way of ways) way.swallow(true);
    await pause(this.#between(500, 4_000));
    for (const way of ways) way.swallow(false);
  }

  async #slow(): Promise<void> {
    const ways = this.#house.ways.flatMap((way) => [...way.clients, way.tracker]);
    for (const way of ways) way.slow(20_000 + this.#random() * 100_000);
    await pause(this.#between(1_000, 4_000));
    for (const way of ways) way.slow();
  }

  #between(leastMs: number, mostMs: number): number {
    return leastMs + this.#random() * (mostMs - leastMs);
  }
}
