import type { House } from './house.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets things go wrong, one after the other, each healed before the next: at random, by the given numbers from 0 to 1. */
export class Faults {
  readonly counts = new Map<string, number>();
  /** Whether the trackers are cut from each other at the moment. */
  isCut = false;
  readonly #house: House;
  readonly #random: () => number;

  constructor(house: House, random: () => number) {
    this.#house = house;
    this.#random = random;
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
      const index = this.#random() < 0.25 ? 2 : Math.floor(this.#random() * kinds.length);
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

  async #cut(): Promise<void> {
    const ways = this.#house.ways.map((way) => way.tracker);
    for (const way of ways) way.swallow(true);
    this.isCut = true;
    await pause(this.#between(3_000, 9_000));
    this.isCut = false;
    for (const way of ways) way.swallow(false);
  }

  async #swallow(number: number): Promise<void> {
    const way = this.#house.ways[number - 1]!.clients;
    way.swallow(true);
    await pause(this.#between(500, 4_000));
    way.swallow(false);
  }

  async #slow(): Promise<void> {
    const ways = this.#house.ways.flatMap((way) => [way.clients, way.tracker]);
    for (const way of ways) way.slow(20_000 + this.#random() * 100_000);
    await pause(this.#between(1_000, 4_000));
    for (const way of ways) way.slow();
  }

  #between(leastMs: number, mostMs: number): number {
    return leastMs + this.#random() * (mostMs - leastMs);
  }
}
